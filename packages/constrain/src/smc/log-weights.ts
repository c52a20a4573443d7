/** log(sum(exp(values))), without overflow; -Infinity for none. */
export function logSumExp(values: readonly number[]): number {
  const max = Math.max(Number.NEGATIVE_INFINITY, ...values);
  if (max === Number.NEGATIVE_INFINITY) return max;
  return max + Math.log(values.reduce((sum, value) => sum + Math.exp(value - max), 0));
}

/** Weights that sum to 1; all 0 where every log-weight is -Infinity. */
export function normalise(logWeights: readonly number[]): Float64Array {
  const max = Math.max(...logWeights);
  if (max === Number.NEGATIVE_INFINITY) return new Float64Array(logWeights.length);
  const weights = Float64Array.from(logWeights, (logWeight) => Math.exp(logWeight - max));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** 1 / sum of the squares of normalised weights: between 1 and their number; 0 where all are 0. */
export function effectiveSampleSize(weights: Float64Array): number {
  const squares = weights.reduce((sum, weight) => sum + weight * weight, 0);
  return squares > 0 ? 1 / squares : 0;
}
