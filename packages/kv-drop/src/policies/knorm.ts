import type { Policy } from '../scoring/policy.js';
import { rowNorm } from '../scoring/row-norm.js';
import { scoreHeads } from '../scoring/score-heads.js';

/**
 * Knorm (Devoto et al. 2024, "A Simple and Effective L2 Norm-Based Strategy for KV Cache
 * Compression", arXiv:2406.11430), as in kvpress: the rows with the smallest Euclidean norm of
 * their key stay, because keys with small norms tend to be attended to. Costs reading the keys, one
 * layer at a time; no attention.
 */
export function knorm(): Policy<'kv.read'> {
  return {
    name: 'knorm',
    requires: ['kv.read'],
    minimumBudget: 1,
    score(layer) {
      const keys = layer.keys();
      return scoreHeads(layer, (kvHead) =>
        Float32Array.from(
          { length: layer.candidates },
          (_, row) => -rowNorm(keys, kvHead, row, layer),
        ),
      );
    },
  };
}
