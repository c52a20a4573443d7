import { expect, test } from 'vitest';
import { mockDecoder } from '../../testing/mock/mock-decoder.js';
import type { Decoder, Want } from '../decoder.js';
import {
  type EvidenceName,
  type EvidenceWant,
  evidence,
  evidenceNames,
  evidenceOfChunk,
  evidenceWanted,
  poolEvidence,
  rowsOfLastChunk,
} from './evidence.js';

/** A request for each kind: one that is missing does not compile. */
const requests: { readonly [E in EvidenceName]: EvidenceWant[E] } = {
  scores: { own: { rows: 2, reduceRows: 'mean', reduceHeads: 'mean' } },
  hiddenMeans: true,
  blockInfluences: true,
  hiddenRows: { own: { rows: 3, layers: [4] } },
};

/** What asks for nothing. */
const nothing: { readonly [E in EvidenceName]: EvidenceWant[E] } = {
  scores: {},
  hiddenMeans: false,
  blockInfluences: false,
  hiddenRows: {},
};

async function read(decoder: Decoder, ids: readonly number[], chunks: readonly number[]) {
  const needs = evidenceNames.map((name) => evidence[name].capability);
  const sequence = await decoder.open({ needs });
  const outputs = [];
  for (let i = 0, from = 0; i < chunks.length; from += chunks[i++]) {
    const want: Want = requests;
    const chunk = Int32Array.from(ids.slice(from, from + chunks[i]));
    outputs.push(await sequence.forward({ ids: chunk, want }));
  }
  return outputs;
}

test('a request is told from one that asks for nothing', () => {
  expect(evidenceWanted(requests)).toEqual(evidenceNames);
  expect(evidenceWanted(nothing)).toEqual([]);
  expect(evidenceWanted()).toEqual([]);
});

test('what a chunk is not asked for is undefined, so that it replaces what the prefill was asked for', () => {
  const chunk = evidenceOfChunk(requests, { tokens: 5, isLast: false });
  expect(Object.keys(chunk)).toEqual(evidenceNames);
  expect(chunk).toEqual({ hiddenMeans: true, blockInfluences: true });
  expect(evidenceOfChunk(requests, { tokens: 5, isLast: true })).toEqual(requests);
});

test('the last chunk has the rows of the request that needs most', () => {
  expect(rowsOfLastChunk(requests)).toBe(3);
  expect(rowsOfLastChunk({ scores: { own: { ...requests.scores!.own, rows: 7 } } })).toBe(7);
  expect(rowsOfLastChunk({ hiddenMeans: true })).toBe(1);
});

test('two forwards pool to what one gives', async () => {
  const ids = Array.from({ length: 20 }, (_, i) => 32 + ((i * 37) % 90));
  const decoder = mockDecoder();
  const [first, second] = await read(decoder, ids, [13, 7]);
  const [whole] = await read(decoder, ids, [20]);
  const pooled = poolEvidence(first, second, 7 / 20);
  for (const [mine, expected] of [
    [pooled.hiddenMeans, whole.hiddenMeans],
    [pooled.blockInfluences?.influences, whole.blockInfluences?.influences],
    [pooled.blockInfluences?.normRatios, whole.blockInfluences?.normRatios],
  ])
    mine!.forEach((value, i) => {
      expect(value).toBeCloseTo(expected![i], 5);
    });
  expect(pooled.scores).toBe(second.scores);
  expect(pooled.hiddenRows).toBe(second.hiddenRows);
  expect([...pooled.hiddenRows!.own.get(4)!]).toEqual([...whole.hiddenRows!.own.get(4)!]);
});
