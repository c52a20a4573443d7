import { parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Policy } from '../scoring/policy.js';
import { scoreHeads } from '../scoring/score-heads.js';

export const streamingLLMOptions = z.strictObject({ sinks: z.int().min(0).default(4) });

export interface StreamingLLMOptions {
  /** First rows of the sequence that always stay: attention sinks. 0 or more; default 4. */
  readonly sinks?: number;
}

/**
 * StreamingLLM (Xiao et al. 2023, arXiv:2309.17453): keeps the first `sinks` rows and the most
 * recent ones, by position alone. Costs nothing beyond the copy. The budget must be above `sinks`.
 *
 * Differs from the paper unless asked (`every`, `betweenChunks`, `positions: 'renumber'` of
 * `kvDrop`): original positions are kept, and rows are dropped once, after the prompt was read, as
 * in kvpress.
 *
 * @throws InvalidOptionsError
 */
export function streamingLLM(options: StreamingLLMOptions = {}): Policy<never> {
  const { sinks } = parseOptions('streamingLLM', streamingLLMOptions, options);
  return {
    name: 'streamingLLM',
    requires: [],
    minimumBudget: sinks + 1,
    score: (layer) =>
      scoreHeads(layer, () =>
        Float32Array.from({ length: layer.candidates }, (_, row) =>
          row < sinks ? Number.POSITIVE_INFINITY : row,
        ),
      ),
  };
}
