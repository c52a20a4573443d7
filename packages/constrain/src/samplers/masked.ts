import { type Choice, type Distribution, deadEnd } from '@pliant/core';
import { isInMask } from '../contract/token-mask.js';

/**
 * One token by masking, the baseline: its law is p_i / Z over the allowed tokens, its log-weight
 * log Z, without variance. At temperature 0 the most probable allowed token, with log-weight 0.
 * @param distribution restricted to the mask
 * @param mask bit `id & 31` of word `id >>> 5` for each allowed token
 * @param random uniform in (0, 1)
 * @param first a token drawn from the distribution already, kept where it is allowed; -1 when there
 * was none
 * @returns `deadEnd` when no allowed token has positive probability
 */
export function masked(
  distribution: Distribution,
  mask: Uint32Array,
  random: () => number,
  first = -1,
): Choice {
  distribution.restrict(mask);
  const logWeight = distribution.temperature === 0 ? 0 : distribution.logRemaining;
  const token = first >= 0 && isInMask(mask, first) ? first : distribution.draw(random);
  return token < 0 ? deadEnd : { token, logWeight };
}
