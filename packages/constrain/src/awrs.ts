import { type Choice, type Distribution, deadEnd } from '@pliant/core';

/**
 * Adaptive weighted rejection sampling of one token (Lipkin et al. 2025, arXiv:2504.05410), with Des Raj's ordered estimator.
 *
 * Draws without replacement until a token is accepted, then tests one more. The token's law is exactly that of masking, p_i / Z over the
 * allowed tokens, and the log-weight is properly weighted: E[exp(logWeight) 1(token = i)] = p_i for every allowed i, so its mean estimates
 * Z, the probability that a token is allowed. It stops when no token is left and never because little mass is: a single allowed token is
 * found however improbable it is (ours; the authors' code gives up below 1e-5).
 *
 * At temperature 0 it walks down the probabilities to the first accepted token, with log-weight 0.
 * @param distribution tokens tested are removed from it
 * @param accept the constraint; called at most once per token: for each rejected one, the one returned, and one more
 * @param random uniform in (0, 1)
 * @param first the first token to test, when it was drawn already; -1 when there was none
 * @returns `deadEnd` when no token is accepted
 */
export function awrs(
  distribution: Distribution,
  accept: (token: number) => boolean,
  random: () => number,
  first: number = distribution.draw(random),
): Choice {
  let token = first;
  while (token >= 0 && !accept(token)) {
    distribution.without(token);
    token = distribution.draw(random);
  }
  if (token < 0) return deadEnd;
  if (distribution.temperature === 0) return { token, logWeight: 0 };
  const logProbability = distribution.logProbability(token);
  // Mass not rejected before the token; it holds the token's own, which bounds it where it rounds to 0.
  const logMass = Math.min(0, Math.max(Math.log(distribution.remaining), logProbability));
  distribution.without(token);
  const tail = distribution.draw(random);
  return { token, logWeight: tail >= 0 && accept(tail) ? logMass : logProbability };
}
