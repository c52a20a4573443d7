import type { Policy } from '../scoring/policy.js';
import { scoreHeads } from '../scoring/score-heads.js';

/**
 * TOVA (Oren et al. 2024, arXiv:2401.06104), as in kvpress: a row's score is the attention that it
 * gets from the last prompt token, averaged over all query heads, so the KV heads of a layer keep
 * the same rows. Costs one row of attention per layer.
 *
 * Differs from the paper: rows are dropped once, after the prompt was read, as in kvpress. With
 * `every: 1` of `kvDrop` they are dropped at each token, as in the paper.
 */
export function tova(): Policy<'scores'> {
  return {
    name: 'tova',
    requires: ['scores'],
    minimumBudget: 1,
    scores: () => ({ rows: 1, reduceRows: 'mean', reduceHeads: 'mean' }),
    score(layer) {
      const { kvHeads, rows, scores } = layer;
      const sum = new Float32Array(rows);
      for (let kvHead = 0; kvHead < kvHeads; kvHead++)
        for (let row = 0; row < rows; row++) sum[row] += scores![kvHead * rows + row];
      return scoreHeads(layer, () => sum);
    },
  };
}
