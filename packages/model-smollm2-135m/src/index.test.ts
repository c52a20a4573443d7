import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Capability, ModelDescriptor } from '@pliant/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { smollm2 } from './index.js';

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

describe('smollm2', () => {
  it('satisfies the contract with every capability of the engine as a literal type', () => {
    const descriptor: ModelDescriptor<Capability> = smollm2;
    expectTypeOf<(typeof smollm2.capabilities)[number]>().toEqualTypeOf<Capability>();
    expectTypeOf(smollm2.id).toEqualTypeOf<'smollm2-135m-instruct'>();
    expect(new Set(descriptor.capabilities).size).toBe(14);
  });

  it('names a folder and a file that are there', async () => {
    expect(isAbsolute(smollm2.folder)).toBe(true);
    expect((await stat(join(smollm2.folder, smollm2.file))).isFile()).toBe(true);
  });

  it('has the order and the influences of the calibration that it ships', async () => {
    const path = join(smollm2.folder, 'layer-skip.calibration.json');
    const { order, influences } = JSON.parse(await readFile(path, 'utf8'));
    expect(smollm2.defaults['layer-skip']).toEqual({ order, influences });
    expect(smollm2.defaults['self-speculate']).toEqual({ order });
  });

  it('ships exactly the files of SHA256SUMS, unchanged', async () => {
    const lines = (await readFile(join(smollm2.folder, 'SHA256SUMS'), 'utf8')).trim().split('\n');
    const sums = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
    const shipped = (await filesUnder(smollm2.folder)).filter((name) => name !== 'SHA256SUMS');
    expect(shipped).toEqual([...sums.keys()].sort());
    for (const name of shipped)
      expect(await sha256(join(smollm2.folder, name)), name).toBe(sums.get(name));
  });
});
