import { type Capability, parseArguments, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { LayerRows, Policy } from '../scoring/policy.js';
import { wrappedSchema } from '../scoring/policy-schema.js';
import { scoresOf } from '../scoring/scores-of.js';

export const chunkedOptions = z.strictObject({ size: z.int().min(1).default(20) });

export interface ChunkedOptions {
  /** Tokens of a chunk. 1 or more; default 20. */
  readonly size?: number;
}

/**
 * ChunkKV (Liu et al. 2025, arXiv:2502.00299), as kvpress's `ChunkKVPress`: keeps whole chunks of
 * neighbouring tokens, so that phrases stay whole. A row's score becomes the mean of its chunk's
 * scores by `policy`, over the chunk's rows and the KV heads of the layer. All heads therefore keep
 * the same rows. Costs nothing beyond `policy`.
 *
 * Differs from kvpress: the budget is exact, so only the first rows of the last chunk may stay.
 * Rows that `policy` keeps for certain (windows, sinks) stay even if their chunk does not, and do
 * not raise its mean. Chunks are cut by original position, so rows dropped earlier do not move
 * them.
 *
 * @throws InvalidArgumentError, InvalidOptionsError
 */
export function chunked<Needs extends Capability>(
  policy: Policy<Needs>,
  options: ChunkedOptions = {},
): Policy<Needs> {
  const { size } = parseOptions('chunked', chunkedOptions, options);
  parseArguments('chunked', wrappedSchema, { policy });
  return {
    ...policy,
    name: `chunked(${policy.name})`,
    score(layer, budget) {
      const scores = scoresOf(policy, layer, budget);
      const means = chunkMeans(scores, layer, size);
      return scores.map((given, kvHead) => {
        const positions = layer.positions(kvHead);
        return given.map((score, row) =>
          score === Number.POSITIVE_INFINITY ? score : means[Math.floor(positions[row] / size)],
        );
      });
    },
  };
}

/** [chunks], mean over heads and rows without those of Infinity; NaN if no row is left. */
function chunkMeans(scores: readonly Float32Array[], layer: LayerRows, size: number): Float64Array {
  const last = Math.max(...scores.map((_, head) => layer.positions(head)[layer.candidates - 1]));
  const sums = new Float64Array(Math.floor(last / size) + 1);
  const counts = new Float64Array(sums.length);
  scores.forEach((given, kvHead) => {
    const positions = layer.positions(kvHead);
    given.forEach((score, row) => {
      if (score === Number.POSITIVE_INFINITY) return;
      const chunk = Math.floor(positions[row] / size);
      sums[chunk] += score;
      counts[chunk]++;
    });
  });
  return sums.map((sum, chunk) => sum / counts[chunk]);
}
