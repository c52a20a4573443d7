import { argmax } from '@pliant/core';

/**
 * The logarithm of the sum of exponentials of a row of logits [V], in float64, and the largest
 * logit's id, of equals the lowest.
 */
export function logSumExp(logits: Float32Array): { readonly logSum: number; readonly top: number } {
  const top = argmax(logits);
  let sum = 0;
  for (let id = 0; id < logits.length; id++) sum += Math.exp(logits[id] - logits[top]);
  return { logSum: logits[top] + Math.log(sum), top };
}
