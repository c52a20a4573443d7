import { logSumExp } from '@pliant/shared/statistics';

/**
 * The full model's distribution at one place, and what the divergence needs of it. V vocabulary.
 */
export interface ReferenceRow {
  /** [V], sums to 1. */
  readonly probabilities: Float32Array;
  /** Sum of p ln p: the negative entropy, in nats. */
  readonly negativeEntropy: number;
  readonly top: number;
}

/** @param logits [V] */
export function referenceRow(logits: Float32Array): ReferenceRow {
  const { logSum, top } = logSumExp(logits);
  const probabilities = new Float32Array(logits.length);
  let negativeEntropy = 0;
  for (let id = 0; id < logits.length; id++) {
    const logProbability = logits[id] - logSum;
    const probability = Math.exp(logProbability);
    probabilities[id] = probability;
    negativeEntropy += probability * logProbability;
  }
  return { probabilities, negativeEntropy, top };
}

export interface Divergence {
  /** KL(reference || other) in nats. */
  readonly kl: number;
  /** Whether both put the same token first. */
  readonly sameTop: boolean;
}

/** @param logits [V], of the model that is compared with the reference */
export function divergence(reference: ReferenceRow, logits: Float32Array): Divergence {
  const { logSum, top } = logSumExp(logits);
  const { probabilities, negativeEntropy } = reference;
  let expectedLogit = 0;
  for (let id = 0; id < logits.length; id++) expectedLogit += probabilities[id] * logits[id];
  // The probabilities are rounded to 32 bits, which may leave equal distributions a hair below 0.
  const kl = Math.max(0, negativeEntropy - expectedLogit + logSum);
  return { kl, sameTop: top === reference.top };
}
