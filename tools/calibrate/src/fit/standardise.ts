/** Features of n prompts, centred and scaled, with what undoes it. D features. */
export interface Standardised {
  /** [n][D] */
  readonly rows: readonly Float64Array[];
  /** [D] */
  readonly centre: Float64Array;
  /** [D]; standardised = (feature - centre) x scale. 0 for a feature that never changes. */
  readonly scale: Float64Array;
}

/**
 * Features with mean 0 and standard deviation 1 / sqrt(their block's width), so that each block
 * weighs the same in a Gram matrix.
 * @param blocks widths, in the order of the features
 */
export function standardise(
  features: readonly Float64Array[],
  blocks: readonly number[],
): Standardised {
  const width = features[0].length;
  const count = features.length;
  const centre = new Float64Array(width);
  const scale = new Float64Array(width);
  for (const row of features) for (let i = 0; i < width; i++) centre[i] += row[i] / count;
  for (const row of features)
    for (let i = 0; i < width; i++) scale[i] += (row[i] - centre[i]) ** 2 / count;
  let from = 0;
  for (const block of blocks) {
    for (let i = from; i < from + block; i++)
      scale[i] = scale[i] > 1e-18 ? 1 / Math.sqrt(scale[i] * block) : 0;
    from += block;
  }
  const rows = features.map((row) => row.map((value, i) => (value - centre[i]) * scale[i]));
  return { rows, centre, scale };
}

/** [n, n], inner products of the rows. */
export function gramMatrix(rows: readonly Float64Array[]): Float64Array {
  const n = rows.length;
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < rows[i].length; k++) sum += rows[i][k] * rows[j][k];
      gram[i * n + j] = gram[j * n + i] = sum;
    }
  return gram;
}

/** Mean of a Gram matrix's diagonal: the unit of a penalty. */
export function meanDiagonal(gram: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += gram[i * n + i];
  return sum / n;
}
