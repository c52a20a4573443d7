import { parseOptions } from '@pliant/core';
import { z } from 'zod';
import type { Policy } from './policy.js';

const schema = z.strictObject({ sinks: z.int().min(0).default(4) });

export interface StreamingLLMOptions {
  /** First rows of the sequence that always stay: attention sinks. 0 or more; default 4. */
  readonly sinks?: number;
}

/**
 * StreamingLLM (Xiao et al. 2023, arXiv:2309.17453): the first `sinks` rows and the most recent ones, by position alone.
 * Costs nothing beyond the copy. The budget must be above `sinks`.
 *
 * Differs from the paper: original positions are kept, where the paper renumbers them inside the cache; and rows are dropped once,
 * after the prompt was read (as in kvpress), not while decoding.
 *
 * @throws InvalidOptionsError
 */
export function streamingLLM(options: StreamingLLMOptions = {}): Policy<never> {
  const { sinks } = parseOptions('streamingLLM', schema, options);
  return {
    name: 'streamingLLM',
    requires: [],
    minimumBudget: sinks + 1,
    select({ kvHeads, candidates }, budget) {
      const kept = sinksAndRecent(candidates, budget, sinks);
      return Array.from({ length: kvHeads }, () => kept);
    },
  };
}

/** The first `sinks` and the last `budget` - `sinks` of `candidates` rows; needs sinks <= budget <= candidates. */
export function sinksAndRecent(candidates: number, budget: number, sinks: number): Uint32Array {
  const dropped = candidates - budget;
  return Uint32Array.from({ length: budget }, (_, i) => (i < sinks ? i : i + dropped));
}
