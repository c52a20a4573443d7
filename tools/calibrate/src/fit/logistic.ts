import { choleskyFactor, solveInPlace } from './cholesky.js';

/**
 * A ridge-penalised logistic regression by n prompts instead of D features, without an intercept of
 * its own.
 */
export interface LogisticFit {
  /** [n], so that weights = sum over prompts of alpha x row. */
  readonly alpha: Float64Array;
  /**
   * [n], log-odds without the offset that the regression without prompt i gives it, to first order.
   */
  readonly leftOut: Float64Array;
}

const mostIterations = 25;

/**
 * Iteratively reweighted least squares in the dual: log-odds = offset + G alpha, with the penalty /
 * 2 x alpha' G alpha on the negative log-likelihood. At the optimum alpha = (y - p) / penalty.
 * Predictions that leave a prompt out are those of the last weighted least squares (Rad and Maleki
 * 2020, arXiv:1801.10243).
 * @param gram [n, n], of centred features
 * @param labels [n], 0 or 1
 * @param offset log-odds without features
 * @param penalty above 0
 */
export function fitLogistic(
  gram: Float64Array,
  labels: ArrayLike<number>,
  offset: number,
  penalty: number,
): LogisticFit {
  const n = labels.length;
  let alpha: Float64Array = new Float64Array(n);
  let odds: Float64Array = new Float64Array(n);
  let lower: Float64Array = new Float64Array();
  let weights: Float64Array = new Float64Array(n);
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    const probabilities = odds.map((value) => 1 / (1 + Math.exp(-(offset + value))));
    weights = probabilities.map((p) => Math.max(1e-9, p * (1 - p)));
    // alpha solves (G + penalty / W) alpha = z, the working response.
    const response = odds.map((value, i) => value + (labels[i] - probabilities[i]) / weights[i]);
    lower = choleskyFactor(withDiagonal(gram, weights, penalty, n), n);
    const next = response.slice();
    solveInPlace(lower, next, n);
    const nextOdds = multiply(gram, next, n);
    const change = nextOdds.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - odds[i])),
      0,
    );
    [alpha, odds] = [next, nextOdds];
    if (change < 1e-8) break;
  }
  const leftOut = odds.map((value, i) => {
    const unit = new Float64Array(n);
    unit[i] = 1;
    solveInPlace(lower, unit, n);
    // With M = G + penalty / W, z - odds is (penalty / w) x alpha, and 1 - H is (penalty / w) x
    // (M^-1)ii.
    const ratio = penalty / weights[i];
    return value + ratio * alpha[i] - alpha[i] / unit[i];
  });
  return { alpha, leftOut };
}

function withDiagonal(
  gram: Float64Array,
  weights: Float64Array,
  penalty: number,
  n: number,
): Float64Array {
  const sum = gram.slice();
  for (let i = 0; i < n; i++) sum[i * n + i] += penalty / weights[i];
  return sum;
}

function multiply(gram: Float64Array, vector: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += gram[i * n + j] * vector[j];
    return sum;
  });
}
