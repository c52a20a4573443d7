import { InvalidOptionsError, type Sequence } from '@pliant/core';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrtDecoder } from '../decoder.js';
import { openTiny, readGolden, runtimes, tinyModels } from '../goldens.test.support.js';
import { openDecoder } from '../open-decoder.js';

const sameBits = (a: Float32Array, b: Float32Array) =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  );

function expectSameCaches({ cache: a }: Sequence, { cache: b }: Sequence): void {
  for (let layer = 0; layer < a.layers; layer++) {
    expect(a.positions(layer, 0)).toEqual(b.positions(layer, 0));
    expect(sameBits(a.keys(layer), b.keys(layer))).toBe(true);
    expect(sameBits(a.values(layer), b.values(layer))).toBe(true);
  }
}

/**
 * Reads `ids` at once, row by row, and by single forwards, after `prompt`; both leave logits and a
 * cache.
 */
async function readBoth(
  decoder: OrtDecoder,
  prompt: Int32Array,
  ids: Int32Array,
  layers?: Uint8Array,
) {
  const needs = ['logits.stepwise', ...(layers ? (['layers.skip'] as const) : [])] as const;
  const sequence = await decoder.open({ needs });
  await sequence.forward({ ids: prompt });
  const steps = await sequence.fork();
  const alone: Float32Array[] = [];
  for (const id of ids)
    alone.push((await steps.forward({ ids: Int32Array.of(id), layers })).logits.slice());
  const want = { logits: 'all', stepwise: true } as const;
  const { logits } = await sequence.forward({ ids, layers, want });
  for (const [row, expected] of alone.entries()) {
    const start = row * expected.length;
    expect(sameBits(logits.subarray(start, start + expected.length), expected)).toBe(true);
  }
  expectSameCaches(sequence, steps);
  sequence.close();
  steps.close();
}

describe.each(runtimes)('a stepwise forward on the %s runtime', (runtime) => {
  it.each(tinyModels)('of %s is that of single forwards to the bit', async (name) => {
    const decoder = await openTiny(name, { runtime });
    const { ids } = readGolden(name).prompts.short;
    await readBoth(decoder, Int32Array.from(ids), Int32Array.of(3, 5, 8, 3, 1));
    await decoder.close();
  });
});

it('refuses scores where it runs one step after the other', async () => {
  const decoder = await openTiny('tiny-llama', {});
  const sequence = await decoder.open({ needs: ['logits.stepwise', 'scores'] });
  const scores = { a: { rows: 1, reduceRows: 'max', reduceHeads: 'max' } } as const;
  const forward = sequence.forward({ ids: Int32Array.of(1, 2), want: { stepwise: true, scores } });
  await expect(forward).rejects.toBeInstanceOf(InvalidOptionsError);
  expect(sequence.cache.nextPosition).toBe(0);
  await decoder.close();
});

describe('a stepwise forward of the embedded model', () => {
  let decoder: OrtDecoder;
  beforeAll(async () => {
    decoder = await openDecoder(smollm2, { threads: 2 });
  });
  afterAll(() => decoder.close());

  it('is one forward, and that of single ones to the bit', { timeout: 180_000 }, async () => {
    const ids = Int32Array.from({ length: 30 }, (_, i) => (i * 977 + 5) % 49_000);
    for (const count of [2, 8]) await readBoth(decoder, ids.subarray(9), ids.subarray(0, count));
    expect(decoder.inspect().sessions).toContain('stepwise 8');
    await readBoth(decoder, ids.subarray(9), ids.subarray(0, 9));
    expect(decoder.inspect().sessions).toContain('stepwise 16');
    await readBoth(decoder, ids.subarray(9), ids.subarray(0, 2));
    expect(decoder.inspect().sessions).toContain('stepwise 16');
  });

  it('reads many rows in pieces, so that later ones do not pay for them', async () => {
    const ids = Int32Array.from({ length: 20 }, (_, i) => (i * 631 + 9) % 49_000);
    await readBoth(decoder, ids.subarray(0, 3), ids);
    expect(decoder.inspect().sessions.join()).not.toMatch(/stepwise (32|64)/);
  });

  it('skips layers as single forwards do', async () => {
    const layers = new Uint8Array(30).fill(1);
    layers[4] = layers[7] = 0;
    await readBoth(decoder, Int32Array.of(400, 5, 6), Int32Array.of(9, 10, 11, 12), layers);
    expect(decoder.inspect().sessions.join()).toContain('without 4, 7+stepwise');
  });

  it('gives scores of its rows', async () => {
    const sequence = await decoder.open({ needs: ['logits.stepwise', 'scores'] });
    const request = { rows: 3, reduceRows: 'mean', reduceHeads: 'none' } as const;
    const output = await sequence.forward({
      ids: Int32Array.of(9, 10, 11),
      want: { stepwise: true, scores: { a: request } },
    });
    expect(output.scores?.a.get(29)?.length).toBe(9 * 3);
    sequence.close();
  });
});
