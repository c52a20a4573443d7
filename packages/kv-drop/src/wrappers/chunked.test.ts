import { expect, test } from 'vitest';
import { keepBest } from '../cut/keep-best.js';
import { encodedPrompt, layerRows, scoring } from '../policies/policies.test.support.js';
import { snapKV } from '../policies/snap-kv.js';
import { chunked } from './chunked.js';
import { protectRows } from './protect-rows.js';

const sets = (kept: readonly Uint32Array[]) => kept.map((rows) => [...rows]);

test('whole chunks stay, by their mean over rows and KV heads', () => {
  // Chunks {0, 1, 2}, {3, 4, 5}, {6}: sums over both heads 9, 12 and 3.
  const policy = scoring([0, 0, 9, 1, 1, 1, 0], [0, 0, 0, 3, 3, 3, 3]);
  const layer = layerRows({ kvHeads: 2, rows: 8 });
  expect(sets(keepBest(chunked(policy, { size: 3 }), layer, 3))).toEqual([
    [3, 4, 5],
    [3, 4, 5],
  ]);
  // The last one counts by its mean too: 1.5 equals that of the first chunk, which is earlier; 4 of
  // 6 rows fill the budget.
  expect(sets(keepBest(chunked(policy, { size: 3 }), layer, 4))).toEqual([
    [0, 3, 4, 5],
    [0, 3, 4, 5],
  ]);
});

test('rows that stay for certain do not raise their chunk', () => {
  const most = Number.POSITIVE_INFINITY;
  const layer = layerRows({ rows: 7 });
  const policy = scoring([most, 1, 1, 2, 2, 2]);
  expect(sets(keepBest(chunked(policy, { size: 3 }), layer, 3))).toEqual([[0, 3, 4]]);
  const certain = scoring([most, most, most, 2, 2, 2]);
  expect(sets(keepBest(chunked(certain, { size: 3 }), layer, 4))).toEqual([[0, 1, 2, 3]]);
});

test('chunks are cut by original position, whatever was dropped before', () => {
  const positions = () => Int32Array.of(0, 5, 6, 7, 8, 9);
  const layer = layerRows({ rows: 6, positions });
  // Positions 5 and 8 are the best; {5}, {6, 7, 8} with size 3.
  const policy = scoring([0, 5, 0, 0, 9]);
  expect(sets(keepBest(chunked(policy, { size: 3 }), layer, 1))).toEqual([[1]]);
  expect(sets(keepBest(chunked(policy, { size: 3 }), layer, 4))).toEqual([[1, 2, 3, 4]]);
});

test('with chunks of one token in one KV head it changes nothing', () => {
  const scores = Float32Array.from({ length: 40 }, (_, j) => ((j * 31) % 37) / 37);
  const layer = layerRows({ rows: 40, scores });
  const policy = snapKV({ window: 4, kernel: 3 });
  expect(keepBest(chunked(policy, { size: 1 }), layer, 12)).toEqual(keepBest(policy, layer, 12));
});

test('it is the same inside and outside of protectRows', () => {
  const scores = Float32Array.from({ length: 40 }, (_, j) => ((j * 31) % 37) / 37);
  const layer = layerRows({ rows: 40, scores });
  const inner = snapKV({ window: 4, kernel: 3 });
  const prompt = encodedPrompt(40);
  const kept = [
    chunked(protectRows(inner, { first: 2 })),
    protectRows(chunked(inner), { first: 2 }),
  ].map((policy) => keepBest(policy, layer, 20, new Set(policy.protect?.(prompt, 0, 20))));
  expect(kept[1]).toEqual(kept[0]);
  expect([...kept[0][0]]).toEqual(expect.arrayContaining([0, 1, 36, 37, 38]));
  expect(kept[0][0].length).toBe(20);
});

test('it keeps what the policy needs, and says its name', () => {
  const policy = chunked(snapKV({ window: 8 }));
  expect(policy).toMatchObject({
    name: 'chunked(snapKV)',
    requires: ['scores'],
    minimumBudget: 9,
  });
  expect(policy.scores?.(80).rows).toBe(8);
  expect(() => chunked(snapKV(), { size: 0 })).toThrow("chunked: option 'size'");
});
