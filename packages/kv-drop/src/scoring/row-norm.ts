import type { LayerRows } from './policy.js';

/** Euclidean norm of a row of keys or values, [G, T, D]. */
export function rowNorm(
  states: Float32Array,
  kvHead: number,
  row: number,
  { rows, headDim }: Pick<LayerRows, 'rows' | 'headDim'>,
): number {
  const from = (kvHead * rows + row) * headDim;
  let squares = 0;
  for (let i = from; i < from + headDim; i++) squares += states[i] * states[i];
  return Math.sqrt(squares);
}
