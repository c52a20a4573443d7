import { parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Policy } from '../scoring/policy.js';
import { snapKV } from './snap-kv.js';

export const pyramidKVOptions = z.strictObject({
  window: z.int().min(1).default(32),
  kernel: z
    .int()
    .min(1)
    .refine((kernel) => kernel % 2 === 1, 'must be odd')
    .default(13),
  beta: z.number().min(1).default(20),
});

export interface PyramidKVOptions {
  /** As for `snapKV`; default 32. */
  readonly window?: number;
  /** As for `snapKV`; default 13. */
  readonly kernel?: number;
  /**
   * Steepness of the pyramid: the last layer keeps about the budget divided by `beta`. 1 (all
   * equal) or more; default 20.
   */
  readonly beta?: number;
}

/**
 * PyramidKV (Cai et al. 2024, arXiv:2406.02069), as in kvpress: SnapKV with more rows in the first
 * layers and fewer in the last, on a line whose mean is the budget. If the line would leave the
 * last layer fewer than `window` rows, every layer gets the budget, as in kvpress. With `window` 32
 * and `beta` 20 this happens below a budget of 640.
 *
 * Costs what `snapKV` costs. Differs from kvpress as `snapKV` does.
 *
 * @throws InvalidOptionsError
 */
export function pyramidKV(options: PyramidKVOptions = {}): Policy<'scores'> {
  const { beta, ...rest } = parseOptions('pyramidKV', pyramidKVOptions, options);
  return {
    ...snapKV(rest),
    name: 'pyramidKV',
    layerBudgets: (budget, layers, candidates) =>
      pyramidBudgets(budget, layers, candidates, rest.window, beta),
  };
}

/**
 * Computes the rows of each layer, falling from the first to the last, rounded half to even. Their
 * mean is `budget` up to rounding.
 * @param candidates rows that a layer can choose from
 * @param window fewest rows of a layer
 */
export function pyramidBudgets(
  budget: number,
  layers: number,
  candidates: number,
  window: number,
  beta: number,
): number[] {
  let least = budget / beta;
  let most = 2 * budget - least;
  if (most >= candidates - window) {
    most = candidates - window;
    least = 2 * budget - most;
  }
  const falls = candidates >= most && most >= least && least >= window;
  const step = (most - least) / Math.max(1, layers - 1);
  return Array.from({ length: layers }, (_, layer) =>
    falls && layers > 1 ? roundHalfToEven(most - layer * step) : budget,
  );
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
}
