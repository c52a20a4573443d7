import type { Distribution } from '../contract/distribution.js';

/** A token drawn by a draft, with the distribution it was drawn from. */
export interface DraftedToken {
  readonly token: number;
  readonly distribution: Pick<Distribution, 'logProbability'>;
}

/**
 * Speculative rejection sampling (Leviathan et al. 2023, arXiv:2211.17192; Chen et al. 2023,
 * arXiv:2302.01318): the drafted token with probability min(1, p / q), else a draw from max(0, p -
 * q) renormalised. Over the draft's own randomness the token is distributed as the target p, and it
 * is the drafted one as often as is possible.
 * @param target p, temperature above 0, nothing removed
 * @param draft drawn from q by another random stream
 * @param random uniform in (0, 1)
 * @returns -1 where the target has no token
 */
export function drawSpeculatively(
  target: Distribution,
  { token, distribution }: DraftedToken,
  random: () => number,
): number {
  if (target.remainingTokens === 0) return -1;
  const ratio = target.logProbability(token) - distribution.logProbability(token);
  if (Math.log(random()) < ratio) return token;
  const excess = (id: number) =>
    Math.max(0, Math.exp(target.logProbability(id)) - Math.exp(distribution.logProbability(id)));
  let total = 0;
  for (let id = 0; id < target.size; id++) total += excess(id);
  let rest = random() * total;
  for (let id = 0; id < target.size; id++) {
    rest -= excess(id);
    if (rest < 0) return id;
  }
  // Only rounding tells p from q: then a draw from p is one from what is left.
  return target.draw(random);
}
