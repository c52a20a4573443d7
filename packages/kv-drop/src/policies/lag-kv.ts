import { parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { LayerRows, Policy } from '../scoring/policy.js';
import { scoreHeads } from '../scoring/score-heads.js';

export const lagKVOptions = z.strictObject({
  sinks: z.int().min(0).default(4),
  lag: z.int().min(2).default(128),
});

export interface LagKVOptions {
  /** First rows that are never ranked: attention sinks. 0 or more; default 4. */
  readonly sinks?: number;
  /** Rows of a partition. 2 or more; default 128. */
  readonly lag?: number;
}

/**
 * LagKV (Liang et al. 2025, arXiv:2504.04704), as in kvpress: the rows after the sinks are cut into
 * partitions of `lag`. Keys and values are scaled by each channel's minimum and maximum in the NEXT
 * partition. The rows that then vary most over their channels stay. (Standard deviation, softmax
 * over the partition, mean of keys and values. The score is a row's rank in its partition, so every
 * partition keeps the same share.) Sinks and the last, unscaled partition come first. A prompt
 * shorter than sinks and two partitions keeps its sinks and its most recent rows. Costs reading
 * keys and values, one layer at a time; no attention. The budget must be above `sinks`.
 *
 * Differs from kvpress: if the last partition exceeds the budget, its most recent rows stay. A
 * channel that does not vary in the next partition counts as 0.
 *
 * @throws InvalidOptionsError
 */
export function lagKV(options: LagKVOptions = {}): Policy<'kv.read'> {
  const { sinks, lag } = parseOptions('lagKV', lagKVOptions, options);
  return {
    name: 'lagKV',
    requires: ['kv.read'],
    minimumBudget: sinks + 1,
    score(layer) {
      const states = [layer.keys(), layer.values()];
      return scoreHeads(layer, (kvHead) => lagScores(states, kvHead, layer, sinks, lag));
    },
  };
}

/**
 * Scores of a KV head's rows, higher stays.
 * @param states keys and values, [G, rows, headDim] each
 * @returns [candidates + 1], including the last prompt token's row, which counts in the partitions
 */
export function lagScores(
  states: readonly Float32Array[],
  kvHead: number,
  layer: Pick<LayerRows, 'rows' | 'candidates' | 'headDim'>,
  sinks: number,
  lag: number,
): Float32Array {
  const { rows, candidates, headDim } = layer;
  const count = candidates + 1;
  // Sinks come first, then unranked rows, the later the better, then ranks below 1.
  const scores = Float32Array.from({ length: count }, (_, row) =>
    row < sinks ? Number.POSITIVE_INFINITY : 2 + row / count,
  );
  const partitions = Math.floor((Math.min(count, rows) - sinks) / lag);
  for (let partition = 0; partition < partitions - 1; partition++) {
    const from = sinks + partition * lag;
    const spread = new Float64Array(lag);
    for (const state of states) {
      const head = state.subarray(kvHead * rows * headDim, (kvHead + 1) * rows * headDim);
      addSpread(spread, head, from, headDim);
    }
    const order = Array.from(spread.keys()).sort((a, b) => spread[a] - spread[b] || b - a);
    order.forEach((row, rank) => {
      scores[from + row] = rank / lag;
    });
  }
  return scores;
}

/** Adds the softmax over a partition of each row's standard deviation over scaled channels. */
function addSpread(spread: Float64Array, head: Float32Array, from: number, headDim: number): void {
  const lag = spread.length;
  const lowest = new Float64Array(headDim).fill(Number.POSITIVE_INFINITY);
  const highest = new Float64Array(headDim).fill(Number.NEGATIVE_INFINITY);
  for (let row = from + lag; row < from + 2 * lag; row++)
    for (let i = 0; i < headDim; i++) {
      const value = head[row * headDim + i];
      lowest[i] = Math.min(lowest[i], value);
      highest[i] = Math.max(highest[i], value);
    }
  const deviations = Float64Array.from({ length: lag }, (_, row) => {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < headDim; i++) {
      const range = highest[i] - lowest[i];
      const value = range > 0 ? (head[(from + row) * headDim + i] - lowest[i]) / range : 0;
      sum += value;
      squares += value * value;
    }
    const variance = (squares - (sum * sum) / headDim) / Math.max(1, headDim - 1);
    return Math.sqrt(Math.max(0, variance));
  });
  const largest = deviations.reduce((a, b) => Math.max(a, b), 0);
  const weights = deviations.map((deviation) => Math.exp(deviation - largest));
  const total = weights.reduce((a, b) => a + b, 0);
  for (let row = 0; row < lag; row++) spread[row] += weights[row] / total;
}
