import { randomStream } from '@pliant/core';
import { mockDecoder } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepBest } from '../cut/keep-best.js';
import type { LayerRows, Policy } from '../scoring/policy.js';
import { layerRows, samplePolicies } from './policies.test.support.js';

const [kvHeads, group, headDim] = [2, 3, 4];

/** Values that add up to the same in any order. */
const numbers = (seed: number, count: number) => {
  const stream = randomStream(seed, 'test');
  return Float32Array.from({ length: count }, () => Math.floor(stream() * 64) / 64);
};

/**
 * Scores of the query heads, [kvHeads x group, T], reduced as a policy asks; `order` of the heads
 * of each group.
 */
function reduced(byHead: Float32Array, rows: number, policy: Policy, order: readonly number[]) {
  const how = policy.scores?.(rows).reduceHeads;
  return Float32Array.from({ length: kvHeads * rows }, (_, at) => {
    const [kvHead, row] = [Math.floor(at / rows), at % rows];
    const values = order.map((head) => byHead[(kvHead * group + head) * rows + row]);
    if (how === 'max') return Math.max(...values);
    return values.reduce((a, b) => a + b) / (how === 'mean' ? group : 1);
  });
}

const layers = fc.record({
  rows: fc.integer({ min: 30, max: 70 }),
  lookahead: fc.integer({ min: 0, max: 3 }),
  gap: fc.integer({ min: 1, max: 3 }),
  newShare: fc.double({ min: 0.1, max: 1, noNaN: true }),
  seed: fc.nat({ max: 1e6 }),
  order: fc.constantFrom([1, 0, 2], [2, 1, 0], [1, 2, 0]),
  protect: fc.array(fc.nat({ max: 200 }), { maxLength: 3 }),
  fill: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe.each(Object.entries(samplePolicies))('%s', (_name, make) => {
  const policy = make(mockDecoder());

  it('keeps the budget exactly, in order, its best and what is protected, whatever the order of query heads', () => {
    fc.assert(
      fc.property(layers, ({ rows, lookahead, gap, newShare, seed, order, protect, fill }) => {
        const candidates = rows - 1 - lookahead;
        const byHead = numbers(seed, kvHeads * group * rows);
        const states = numbers(seed + 1, kvHeads * rows * headDim);
        const positions = Int32Array.from({ length: rows }, (_, row) => row * gap);
        const always = new Set(protect);
        const least = policy.minimumBudget + always.size;
        const budget = least + Math.floor(fill * (candidates - least));
        const run = (headOrder: readonly number[]) => {
          const layer: LayerRows = layerRows({
            kvHeads,
            headDim,
            rows,
            candidates,
            newRows: Math.ceil(rows * newShare),
            scores: policy.scores && reduced(byHead, rows, policy, headOrder),
            positions: () => positions,
            keys: () => states,
            values: () => states,
            random: randomStream(seed, 'random'),
          });
          let scored: readonly Float32Array[] = [];
          const watched: Policy = {
            ...policy,
            score: (...given) => {
              scored = policy.score(...given);
              return scored;
            },
          };
          return { kept: keepBest(watched, layer, budget, always), scored };
        };
        const { kept, scored } = run([0, 1, 2]);
        expect(run(order).kept).toEqual(kept);
        expect(kept.length).toBe(kvHeads);
        kept.forEach((head, kvHead) => {
          expect(head.length).toBe(budget);
          const ascending = [...new Set(head)].sort((a, b) => a - b);
          expect([...head]).toEqual(ascending);
          const fixed = (row: number) => always.has(positions[row]);
          const all = Array.from({ length: candidates }, (_, row) => row);
          for (const row of all.filter(fixed)) expect(ascending).toContain(row);
          const scoreOf = (row: number) => scored[kvHead][row];
          const keptScores = ascending.filter((row) => !fixed(row)).map(scoreOf);
          const dropped = all.filter((row) => !ascending.includes(row)).map(scoreOf);
          expect(Math.max(Number.NEGATIVE_INFINITY, ...dropped)).toBeLessThanOrEqual(
            Math.min(Number.POSITIVE_INFINITY, ...keptScores),
          );
        });
      }),
      { numRuns: 60 },
    );
  });
});
