import { argmax } from '@pliant/core';
/**
 * Two computations of the same logits may differ by this much where they read the same tokens in
 * the same forwards, or in forwards of several tokens. Measured on x86 with AVX2: 0. Left open for
 * processors whose kernels depend on the number of rows.
 */
export const tolerance = 1e-3;

/** Over the logits of equally many steps. */
export function largestDifference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  if (a.length !== b.length) throw new Error(`${a.length} steps beside ${b.length}`);
  let largest = 0;
  a.forEach((logits, step) => {
    for (let id = 0; id < logits.length; id++)
      largest = Math.max(largest, Math.abs(logits[id] - b[step][id]));
  });
  return largest;
}

/** Natural log-probability of each id, in float64. */
export function logProbabilities(logits: ArrayLike<number>): Float64Array {
  const highest = logits[argmax(logits)];
  let sum = 0;
  for (let id = 0; id < logits.length; id++) sum += Math.exp(logits[id] - highest);
  return Float64Array.from(logits, (logit) => logit - highest - Math.log(sum));
}
