import { expect, test } from 'vitest';
import type { Capability } from '../contract/capability.js';
import { MissingCapabilityError } from '../contract/errors.js';
import { mockDecoder } from '../testing/mock/mock-decoder.js';
import { readInChunks } from './prefill.js';

const ids = Int32Array.from({ length: 50 }, (_, i) => 32 + ((i * 37) % 90));
const signal = new AbortController().signal;

async function read(chunkSize: number, rows: number) {
  const decoder = mockDecoder();
  const sequence = await decoder.open({ needs: ['scores'] });
  const sum = new Float64Array(ids.length);
  const request = { rows, chunks: 'every', reduceRows: 'sum', reduceHeads: 'mean' } as const;
  await readInChunks(
    {
      ids,
      want: {
        scores: { all: request, last: { rows: 5, reduceRows: 'max', reduceHeads: 'max' } },
      },
    },
    {
      chunkSize,
      signal,
      forward: (input) => sequence.forward(input),
      chunkDone(output) {
        const scores = output.scores!.all.get(2)!;
        for (let i = 0; i < scores.length / 2; i++) sum[i] += scores[i];
      },
    },
  );
  return { sum, calls: decoder.calls.map(({ want }) => want?.scores) };
}

test("scores of 'every' chunk add up to those of a single forward", async () => {
  const { sum } = await read(12, ids.length);
  const { sum: whole } = await read(ids.length, ids.length);
  expect(whole[0]).toBeGreaterThan(1);
  sum.forEach((value, i) => {
    expect(value).toBeCloseTo(whole[i], 5);
  });
});

test('each chunk answers them for its own rows, and the last chunk alone what else is asked', async () => {
  const { calls } = await read(12, 11);
  expect(calls.map((scores) => scores?.all.rows)).toEqual([10, 10, 10, 10, 10]);
  expect(calls.map((scores) => scores?.last?.rows)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    5,
  ]);
});

test('each chunk is read stepwise where the prefill asks for it, and refused where the decoder cannot', async () => {
  const wants = async (capabilities?: readonly Capability[]) => {
    const decoder = mockDecoder({ capabilities });
    const sequence = await decoder.open({ needs: capabilities ?? ['logits.stepwise'] });
    await readInChunks(
      { ids, want: { stepwise: true } },
      { chunkSize: 20, signal, forward: (input) => sequence.forward(input), chunkDone: () => {} },
    );
    return decoder.calls.map(({ want }) => want?.stepwise);
  };
  expect(await wants()).toEqual([true, true, true]);
  await expect(wants([])).rejects.toThrow(MissingCapabilityError);
});
