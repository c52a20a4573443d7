import type { Policy } from '../scoring/policy.js';
import { headScores, scoreHeads } from '../scoring/score-heads.js';

/**
 * Observed attention (kvpress's `ObservedAttentionPress`, its stand-in for H2O): a row's score is
 * the attention that it gets from all tokens that see it, averaged over them and over the query
 * heads of its KV head. Costs the attention of every row of the prompt, chunk by chunk.
 *
 * In a later turn the attention is that of the turn's own tokens.
 */
export function observedAttention(): Policy<'scores'> {
  return {
    name: 'observedAttention',
    requires: ['scores'],
    minimumBudget: 1,
    scores: (newRows) => ({
      rows: newRows,
      chunks: 'every',
      reduceRows: 'sum',
      reduceHeads: 'mean',
    }),
    score(layer) {
      const { rows, newRows } = layer;
      return scoreHeads(layer, (kvHead) => {
        // Counted by position, not by row, because tokens whose rows were dropped paid attention
        // too.
        const positions = layer.positions(kvHead);
        const end = positions[rows - 1] + 1;
        return headScores(layer, kvHead).map(
          (sum, row) => sum / Math.min(newRows, end - positions[row]),
        );
      });
    },
  };
}
