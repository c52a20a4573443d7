import { expect, test } from 'vitest';
import type { ForwardInput, Want } from '../contract/decoder.js';
import {
  type EvidenceName,
  type EvidenceWant,
  evidence,
  evidenceNames,
} from '../contract/evidence/evidence.js';
import { mockDecoder } from '../testing/mock/mock-decoder.js';
import { ForwardBatch } from './forward-batch.js';

const requests: { readonly [E in EvidenceName]: EvidenceWant[E] } = {
  scores: { own: { rows: 1, reduceRows: 'mean', reduceHeads: 'mean' } },
  hiddenMeans: true,
  blockInfluences: true,
  hiddenRows: { own: { rows: 1, layers: [4] } },
};

/** Sequences in the forwards that two inputs become. */
async function batchesOf(inputs: readonly Omit<ForwardInput, 'ids'>[]): Promise<number[]> {
  const decoder = mockDecoder();
  const needs = [...evidenceNames.map((name) => evidence[name].capability), 'layers.skip'] as const;
  const batch = new ForwardBatch(decoder, inputs.length);
  const sequences = await Promise.all(inputs.map(() => decoder.open({ needs })));
  await Promise.all(
    inputs.map((input, i) => batch.forward(sequences[i], { ids: Int32Array.of(65), ...input })),
  );
  return decoder.calls.map((call) => call.batch);
}

test('forwards for logits alone share a batch', async () => {
  expect(await batchesOf([{}, { want: { logits: 'last' } }])).toEqual([2, 2]);
  expect(await batchesOf([{}, { want: { scores: {}, hiddenMeans: false } }])).toEqual([2, 2]);
});

test.each(evidenceNames)('a forward that is asked for %s runs alone', async (name) => {
  const want: Want = { [name]: requests[name] };
  expect(await batchesOf([{}, { want }])).toEqual([1, 1]);
  expect(await batchesOf([{ want }, { want }])).toEqual([1, 1]);
});

test('forwards through other layers do not share a batch', async () => {
  const layers = Uint8Array.of(1, 1, 0, 1);
  expect(await batchesOf([{ layers }, { layers }])).toEqual([2, 2]);
  expect(await batchesOf([{}, { layers }])).toEqual([1, 1]);
});
