import { describe, expect, it } from 'vitest';
import { checkImports } from './check-imports.js';

const manifest = {
  name: '@pliant/x',
  version: '0.0.0',
  dependencies: { '@pliant/core': '^0.0.0' },
  peerDependencies: { zod: '^4.0.0' },
};

function problems(code: string, file = 'dist/a.js'): string[] {
  return checkImports(manifest, [file], () => code);
}

describe('checkImports', () => {
  it('accepts relative files, built-in modules, itself and what is declared', () => {
    expect(
      problems(`import './b.js'; import fs from 'node:fs'; import path from 'path';
        export * from '@pliant/x/other'; import { run } from '@pliant/core/testing'; await import('zod/v4');`),
    ).toEqual([]);
  });

  it.each([
    ["import koffi from 'koffi';", 'koffi'],
    ["export * from '@pliant/engine-ort/sub/path';", '@pliant/engine-ort'],
    ["const model = await import('@xenova/transformers');", '@xenova/transformers'],
    ["const model = require('sharp');", 'sharp'],
  ])('finds %s', (code, name) => {
    expect(problems(code)).toEqual([
      `dist/a.js imports ${name}, which package.json does not declare`,
    ]);
  });

  it('finds an import of types', () => {
    expect(problems("export declare const a: import('vitest').Mock;", 'dist/a.d.ts')).toEqual([
      'dist/a.d.ts imports vitest, which package.json does not declare',
    ]);
  });
});
