import { type Choice, type Distribution, deadEnd } from '@pliant/core';
import { logAdd } from './log-add.js';
import { masked } from './masked.js';
import { runSampling, type Sampling } from './sampling.js';

/** Limits at which a sampler stops testing tokens one by one. */
export interface SamplingLimits {
  /** The first token to test, when it was drawn already; -1 when there was none. */
  readonly first?: number;
  /**
   * Rejected tokens after which the step is given up as a dead end, counted in the weights: 1 or
   * more. Default Infinity.
   */
  readonly maxRejects?: number;
  /**
   * After this many rejected tokens it goes on with the mask of all allowed ones, if there is one.
   */
  readonly mask?: { readonly after: number; readonly of: () => Uint32Array | undefined };
}

export interface AwrsSampling extends SamplingLimits {
  /** Tokens tested after the accepted one, for a weight of less variance: 1 or more. Default 1. */
  readonly tail?: number;
}

/**
 * Adaptive weighted rejection sampling of one token (Lipkin et al. 2025, arXiv:2504.05410), with
 * Des Raj's ordered estimator.
 *
 * Draws without replacement until a token is accepted, then tests `tail` more. The token's law is
 * exactly that of masking, p_i / Z over the allowed tokens, and the log-weight is properly
 * weighted: E[exp(logWeight) 1(token = i)] = p_i forevery allowed i, so its mean estimates Z, the
 * probability that a token is allowed. It stops when no token is left and never because little mass
 * is: a single allowed token is found however improbable it is (ours; the authors' code gives up
 * below 1e-5). With more draws than tokens the weight is exactly Z. Going on with a mask keeps all
 * of this: draw and weight are then those of masking (ours).
 *
 * At temperature 0 it walks down the probabilities to the first accepted token, with log-weight 0.
 * @param distribution tokens tested are removed from it
 * @param accept the constraint; called at most once per token: for each rejected one, the one
 * returned, and those of the tail
 * @param random uniform in (0, 1)
 * @returns `deadEnd` when no token is accepted
 */
export function awrs(
  distribution: Distribution,
  accept: (token: number) => boolean,
  random: () => number,
  options: AwrsSampling = {},
): Choice {
  return runSampling(sampleAwrs(distribution, random, options), accept);
}

/** `awrs` as a sampler that is told what is allowed. */
export function* sampleAwrs(
  distribution: Distribution,
  random: () => number,
  options: AwrsSampling = {},
): Sampling {
  const { tail = 1, maxRejects = Number.POSITIVE_INFINITY, mask } = options;
  let token = options.first ?? distribution.draw(random);
  let rejects = 0;
  while (token >= 0 && !(yield token)) {
    distribution.without(token);
    rejects++;
    if (rejects === maxRejects) return deadEnd;
    const allowed = rejects === mask?.after ? mask.of() : undefined;
    if (allowed) return masked(distribution, allowed, random);
    token = distribution.draw(random);
  }
  if (token < 0) return deadEnd;
  if (distribution.temperature === 0) return { token, logWeight: 0 };
  const logProbability = distribution.logProbability(token);
  // Mass not rejected before the token; it holds the token's own, which bounds it where both round.
  const logMass = Math.max(distribution.logRemaining, logProbability);
  // The last token that could be tested: its own test is all there is to know.
  if (rejects === maxRejects - 1) return { token, logWeight: logMass };
  let logWeight = logProbability;
  let allAccepted = true;
  let tested = token;
  for (let drawn = 1; drawn <= tail; drawn++) {
    distribution.without(tested);
    tested = distribution.draw(random);
    if (tested < 0) break;
    // The last one stands for all that were not drawn.
    const logShare = drawn < tail ? distribution.logProbability(tested) : distribution.logRemaining;
    if (yield tested) logWeight = logAdd(logWeight, logShare);
    else allAccepted = false;
  }
  return { token, logWeight: allAccepted ? logMass : Math.min(logWeight, logMass) };
}
