import { logSumExp } from '@pliant/shared/statistics';

/** The next-token distribution of the full run at one place. V vocabulary. */
export interface ReferenceRow {
  /** [V], natural logarithms. */
  readonly logProbabilities: Float64Array;
  /** [V] */
  readonly probabilities: Float64Array;
  /** The most probable token, the lowest id of equals. */
  readonly top: number;
}

export interface Divergence {
  /** KL(full || other) in nats, 0 or more. */
  readonly kl: number;
  /** Whether both put the same token first. */
  readonly sameTop: boolean;
}

/** @param logits [V] */
export function referenceRow(logits: Float32Array): ReferenceRow {
  const { logSum, top } = logSumExp(logits);
  const logProbabilities = Float64Array.from(logits, (logit) => logit - logSum);
  return { logProbabilities, probabilities: logProbabilities.map(Math.exp), top };
}

/** @param logits [V], of what is compared with the full run */
export function divergence(reference: ReferenceRow, logits: Float32Array): Divergence {
  const { logProbabilities, probabilities } = reference;
  const { logSum, top } = logSumExp(logits);
  let kl = 0;
  for (let id = 0; id < logits.length; id++)
    kl += probabilities[id] * (logProbabilities[id] - (logits[id] - logSum));
  // Rounding may leave nearly equal distributions a hair below 0.
  return { kl: Math.max(0, kl), sameTop: top === reference.top };
}
