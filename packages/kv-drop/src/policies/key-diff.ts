import type { LayerRows, Policy } from '../scoring/policy.js';
import { scoreHeads } from '../scoring/score-heads.js';

/**
 * KeyDiff (Park et al. 2025, arXiv:2504.15364), as in kvpress: the rows stay whose keys are least
 * similar to the others. The score is minus the cosine between a key and the mean of all unit keys
 * of the prompt, including the last token's. Costs reading the keys, one layer at a time; no
 * attention.
 *
 * Differs from the paper: rows are dropped once, after the prompt was read, as in kvpress. With
 * `betweenChunks` of `kvDrop` they are dropped block by block, as in the paper.
 */
export function keyDiff(): Policy<'kv.read'> {
  return {
    name: 'keyDiff',
    requires: ['kv.read'],
    minimumBudget: 1,
    score(layer) {
      const keys = layer.keys();
      return scoreHeads(layer, (kvHead) => differences(keys, kvHead, layer));
    },
  };
}

/** [candidates], minus the cosine to the mean unit key. A key of zeros has 0. */
function differences(
  keys: Float32Array,
  kvHead: number,
  { rows, candidates, headDim }: LayerRows,
): Float32Array {
  const at = (row: number) => (kvHead * rows + row) * headDim;
  const norms = new Float64Array(candidates + 1);
  const mean = new Float64Array(headDim);
  for (let row = 0; row <= candidates; row++) {
    const from = at(row);
    let squares = 0;
    for (let i = 0; i < headDim; i++) squares += keys[from + i] ** 2;
    norms[row] = Math.sqrt(squares) || 1;
    for (let i = 0; i < headDim; i++) mean[i] += keys[from + i] / norms[row];
  }
  const length = Math.hypot(...mean) || 1;
  return Float32Array.from({ length: candidates }, (_, row) => {
    const from = at(row);
    let product = 0;
    for (let i = 0; i < headDim; i++) product += keys[from + i] * mean[i];
    return -product / (norms[row] * length);
  });
}
