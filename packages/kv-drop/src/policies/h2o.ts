import { parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Policy } from '../scoring/policy.js';
import { headScores, scoreHeads } from '../scoring/score-heads.js';

export const h2oOptions = z.strictObject({ recent: z.number().min(0).max(1).default(0.5) });

export interface H2OOptions {
  /**
   * Share of the budget for the most recent rows, rounded down. 0 to 1; default 0.5, as in the
   * paper.
   */
  readonly recent?: number;
}

/**
 * H2O (Zhang et al. 2023, arXiv:2306.14048): the most recent rows stay, and so do the heavy hitters
 * among the others: the rows with the largest sum of attention from all prompt tokens, averaged
 * over the query heads of their KV head. More tokens see early rows, so the sum favours them;
 * `observedAttention` divides by the number of these tokens. Costs the attention of every row of
 * the prompt, chunk by chunk.
 *
 * Differs from the paper: rows are dropped once, after the prompt was read, and while decoding only
 * with `every` of `kvDrop`. In a later turn the sum is over the turn's own tokens.
 *
 * @throws InvalidOptionsError
 */
export function h2o(options: H2OOptions = {}): Policy<'scores'> {
  const { recent } = parseOptions('h2o', h2oOptions, options);
  return {
    name: 'h2o',
    requires: ['scores'],
    minimumBudget: 1,
    scores: (newRows) => ({
      rows: newRows,
      chunks: 'every',
      reduceRows: 'sum',
      reduceHeads: 'mean',
    }),
    score(layer, budget) {
      const recentFrom = layer.candidates - Math.floor(budget * recent);
      return scoreHeads(layer, (kvHead) =>
        headScores(layer, kvHead).slice().fill(Number.POSITIVE_INFINITY, recentFrom),
      );
    },
  };
}
