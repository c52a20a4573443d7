import { randomStream } from '@pliant/core';
import { describe, expect, it } from 'vitest';
import { keepBest } from '../cut/keep-best.js';
import { keyDiff } from './key-diff.js';
import { knorm } from './knorm.js';
import { lagKV, lagScores } from './lag-kv.js';
import { layerRows } from './policies.test.support.js';
import { randomRows } from './random-rows.js';

const sets = (kept: readonly Uint32Array[]) => kept.map((rows) => [...rows]);

it('knorm keeps the smallest keys of each head', () => {
  const keys = Float32Array.of(3, 4, 1, 1, 0, 2, 6, 0, /* second head */ 0, 1, 5, 5, 2, 2, 0, 0);
  const layer = layerRows({ kvHeads: 2, headDim: 2, rows: 4, keys: () => keys });
  expect(sets(keepBest(knorm(), layer, 2))).toEqual([
    [1, 2],
    [0, 2],
  ]);
});

it('keyDiff keeps the keys that differ from the mean direction, whatever their length', () => {
  const keys = Float32Array.of(1, 0, 100, -1, 0, 0.1, 2, 0, 3, 0, 1, 0);
  const layer = layerRows({ headDim: 2, rows: 6, keys: () => keys });
  expect(sets(keepBest(keyDiff(), layer, 1))).toEqual([[2]]);
  expect(sets(keepBest(keyDiff(), layer, 2))).toEqual([[1, 2]]);
});

it('keyDiff finds no row more different than another where keys point everywhere alike', () => {
  const keys = Float32Array.of(1, 0, 0, 1, -1, 0, 0, -1, 0, 0);
  const layer = layerRows({ headDim: 2, rows: 5, keys: () => keys });
  expect(sets(keepBest(keyDiff(), layer, 2))).toEqual([[0, 1]]);
});

describe('lagKV', () => {
  it('ranks like the formula of the paper, written out, for random states', () => {
    const stream = randomStream(3, 'states');
    const [rows, headDim, sinks, lag] = [23, 4, 2, 5];
    const states = [0, 1].map(() =>
      Float32Array.from({ length: 2 * rows * headDim }, () => stream() - 0.5),
    );
    for (const head of [0, 1]) {
      const scores = lagScores(states, head, { rows, candidates: rows - 1, headDim }, sinks, lag);
      for (const from of [2, 7, 12]) {
        const spread = spreadOf(states, head, { rows, headDim, from, lag });
        const ranked = spread.map((own) => spread.filter((other) => other < own).length / lag);
        expect([...scores.subarray(from, from + lag)]).toEqual([...Float32Array.from(ranked)]);
      }
    }
  });

  it('ranks rows by their spread, scaled by the next partition', () => {
    // One sink, partitions {1, 2}, {3, 4}, {5, 6}; row 7 beyond. The scale of {3, 4} is 0 to 1 in
    // channel 0 and 0 to 10 in channel 1.
    const states = Float32Array.of(0, 0, 1, 0, 1, 10, 0, 0, 1, 10, 0, 0, 4, 2, 0, 0);
    const shape = { rows: 8, candidates: 7, headDim: 2 };
    const scores = lagScores([states], 0, shape, 1, 2);
    // Rows 1 and 2 scaled are (1, 0), which varies, and (1, 1), which does not.
    expect([scores[1], scores[2]]).toEqual([0.5, 0]);
    // {3, 4} by {5, 6}, 0 to 4 and 0 to 2: (0, 0) and (0.25, 5).
    expect([scores[3], scores[4]]).toEqual([0, 0.5]);
    expect(scores[0]).toBeGreaterThan(scores[7]);
    expect(scores[5]).toBeGreaterThan(1);
    const layer = layerRows({ ...shape, keys: () => states, values: () => states });
    expect(sets(keepBest(lagKV({ sinks: 1, lag: 2 }), layer, 4))).toEqual([[0, 1, 5, 6]]);
  });

  it('keeps sinks and recent rows of a short prompt', () => {
    const states = Float32Array.of(1, 2, 3, 4, 5, 6);
    const layer = layerRows({ rows: 6, keys: () => states, values: () => states });
    expect(sets(keepBest(lagKV({ sinks: 1, lag: 4 }), layer, 3))).toEqual([[0, 3, 4]]);
    expect(() => lagKV({ lag: 1 })).toThrow("lagKV: option 'lag'");
  });
});

it('random keeps every row equally often', () => {
  const stream = randomStream(1, 'test');
  const layer = layerRows({ kvHeads: 2, rows: 11, random: stream });
  const counts = new Array<number>(10).fill(0);
  for (let run = 0; run < 2000; run++)
    for (const kept of keepBest(randomRows(), layer, 3)) for (const row of kept) counts[row]++;
  // 4,000 draws of 3 in 10: 1,200 each, standard deviation 29.
  for (const count of counts) expect(Math.abs(count - 1200)).toBeLessThan(145);
});

/**
 * Of each row of a partition: its softmaxed deviation over channels, scaled by the next partition,
 * summed over keys and values.
 */
function spreadOf(
  states: readonly Float32Array[],
  head: number,
  { rows, headDim, from, lag }: { rows: number; headDim: number; from: number; lag: number },
): number[] {
  const parts = states.map((state) => {
    const row = (at: number) =>
      Array.from({ length: headDim }, (_, i) => state[(head * rows + at) * headDim + i]);
    const next = Array.from({ length: lag }, (_, i) => row(from + lag + i));
    const channel = (i: number) => next.map((values) => values[i]);
    const deviations = Array.from({ length: lag }, (_, at) => {
      const scaled = row(from + at).map((value, i) => {
        const [low, high] = [Math.min(...channel(i)), Math.max(...channel(i))];
        return (value - low) / (high - low);
      });
      const mean = scaled.reduce((a, b) => a + b) / headDim;
      return Math.sqrt(scaled.reduce((a, b) => a + (b - mean) ** 2, 0) / (headDim - 1));
    });
    const total = deviations.reduce((a, b) => a + Math.exp(b), 0);
    return deviations.map((deviation) => Math.exp(deviation) / total);
  });
  return parts[0].map((_, at) => parts[0][at] + parts[1][at]);
}
