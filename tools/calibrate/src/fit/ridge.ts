import { invertPositiveDefinite } from './cholesky.js';

/** A ridge regression with a free mean, by n prompts instead of D features. K targets. */
export interface RidgeFit {
  /** [K], the targets' means. */
  readonly means: readonly number[];
  /** [K][n], so that weights = sum over prompts of alpha x row. */
  readonly alphas: readonly Float64Array[];
  /** [K][n], what the regression without prompt i predicts for it. */
  readonly leftOut: readonly Float64Array[];
}

/**
 * Ridge regression in its dual form. Predictions that leave a prompt out come from the hat matrix
 * H, as y - (y - Hy) / (1 - diag H).
 * @param gram [n, n], of centred features
 * @param targets [K][n]
 * @param penalty above 0
 */
export function fitRidge(
  gram: Float64Array,
  targets: readonly Float64Array[],
  penalty: number,
): RidgeFit {
  const n = targets[0].length;
  const regularised = gram.slice();
  for (let i = 0; i < n; i++) regularised[i * n + i] += penalty;
  const inverse = invertPositiveDefinite(regularised, n);
  // H = 1 1'/n + G (G + penalty I)^-1, and G (G + penalty I)^-1 = I - penalty (G + penalty I)^-1.
  const hat = Float64Array.from({ length: n }, (_, i) => 1 / n + 1 - penalty * inverse[i * n + i]);
  const means: number[] = [];
  const alphas: Float64Array[] = [];
  const leftOut: Float64Array[] = [];
  for (const target of targets) {
    const mean = target.reduce((sum, value) => sum + value, 0) / n;
    const alpha = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += inverse[i * n + j] * (target[j] - mean);
      alpha[i] = sum;
    }
    means.push(mean);
    alphas.push(alpha);
    // The residual y - Hy is penalty x alpha.
    leftOut.push(target.map((value, i) => value - (penalty * alpha[i]) / (1 - hat[i])));
  }
  return { means, alphas, leftOut };
}

/** [D], weights of a target from its alpha. @param rows [n][D] */
export function weightsOf(alpha: Float64Array, rows: readonly Float64Array[]): Float64Array {
  const weights = new Float64Array(rows[0].length);
  rows.forEach((row, i) => {
    for (let d = 0; d < weights.length; d++) weights[d] += alpha[i] * row[d];
  });
  return weights;
}
