import { expect, test } from 'vitest';
import { layerRows } from '../policies/policies.test.support.js';
import type { LayerRows, Policy } from '../scoring/policy.js';
import { keepBest } from './keep-best.js';

const byScores = (score: Policy['score']): Policy => ({
  name: 'test',
  requires: [],
  minimumBudget: 1,
  score,
});
const sets = (kept: readonly Uint32Array[]) => kept.map((rows) => [...rows]);

test('the best rows of each KV head stay, of equal scores the earlier', () => {
  const policy = byScores(() => [Float32Array.of(1, 3, 2, 3), Float32Array.of(0, 0, 0, 0)]);
  expect(sets(keepBest(policy, layerRows({ kvHeads: 2, rows: 5 }), 2))).toEqual([
    [1, 3],
    [0, 1],
  ]);
});

test('rows that always stay come off the budget, wherever each head holds them', () => {
  const asked: number[] = [];
  const policy = byScores((_layer: LayerRows, budget) => {
    asked.push(budget);
    const shared = Float32Array.of(5, 4, 3, 2, 1);
    return [shared, shared];
  });
  const layer = layerRows({
    kvHeads: 2,
    rows: 6,
    positions: (kvHead) =>
      kvHead === 0 ? Int32Array.of(0, 2, 4, 7, 8, 9) : Int32Array.of(1, 3, 4, 5, 7, 9),
  });
  expect(sets(keepBest(policy, layer, 3, new Set([7, 4])))).toEqual([
    [0, 2, 3],
    [0, 2, 4],
  ]);
  expect(asked).toEqual([1]);
});

test.each([
  ['no head', [], 'it returned none'],
  ['too few heads', [new Float32Array(4)], 'it returned 4'],
  ['too few rows', [new Float32Array(4), new Float32Array(3)], 'it returned 4 and 3'],
])('a policy that returns %s is refused by name', (_, scores, message) => {
  const keep = () =>
    keepBest(
      byScores(() => scores),
      layerRows({ kvHeads: 2, rows: 5 }),
      2,
    );
  expect(keep).toThrow('policy test must return 4 scores for each of 2 KV heads');
  expect(keep).toThrow(message);
});
