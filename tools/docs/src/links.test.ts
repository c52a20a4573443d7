import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { brokenLinks } from './links.js';

const root = mkdtempSync(join(tmpdir(), 'pliant-links-'));
mkdirSync(join(root, 'docs'));
writeFileSync(join(root, 'docs', 'a page.md'), '');
writeFileSync(join(root, 'README.md'), '');
afterAll(() => rmSync(root, { recursive: true }));

describe('brokenLinks', () => {
  it('accepts files beside the page, above it, from the root, by fragment, and other schemes', () => {
    const markdown =
      '[a](a%20page.md#part) [b](../README.md) [c](/docs) [d](#here) [e](https://example.org/x) [f](mailto:a@b.c)';
    expect(brokenLinks(root, 'docs/index.md', markdown)).toEqual([]);
  });

  it('names links and images that lead nowhere, also by reference', () => {
    const markdown = '[a](missing.md) ![b](../picture.svg)\n\n[c][c]\n\n[c]: other.md#x\n';
    expect(brokenLinks(root, 'docs/index.md', markdown)).toEqual([
      'missing.md',
      '../picture.svg',
      'other.md#x',
    ]);
  });
});
