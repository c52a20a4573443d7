import { readFile } from 'node:fs/promises';
import { InvalidOptionsError, parseOptions } from '@pliant/core';
import { z } from 'zod';

const schema = z.object({
  rows: z.array(z.object({ what: z.string(), value: z.object({ median: z.number() }) })),
});
const pattern = /^layer-skip at 512: (\d+) skipped by (gates|cut) \/ plain$/;

/** Decode speed relative to the plain run, by how many layers are skipped. */
export type Speeds = { readonly [skipping in 'gates' | 'cut']: ReadonlyMap<number, number> };

/**
 * The rows of `tools/bench ... layer-skip --json`.
 * @throws InvalidOptionsError for another file; the file system's errors
 */
export async function readSpeeds(path: string): Promise<Speeds> {
  const { rows } = parseOptions(path, schema, JSON.parse(await readFile(path, 'utf8')));
  if (!rows.some(({ what }) => pattern.test(what)))
    throw new InvalidOptionsError(path, [{ path: 'rows', message: 'has none of layer-skip' }]);
  const speeds = { gates: new Map<number, number>(), cut: new Map<number, number>() };
  for (const { what, value } of rows) {
    const [, count, skipping] = pattern.exec(what) ?? [];
    if (skipping === 'gates' || skipping === 'cut')
      speeds[skipping].set(Number(count), value.median);
  }
  return speeds;
}
