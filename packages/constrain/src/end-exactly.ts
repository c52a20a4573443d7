import { type Choice, type Distribution, deadEnd } from '@pliant/core';

/**
 * The token of a step where only the end is allowed: the allowed tokens are known, so nothing is tested and the weight is exact. The token
 * has law p_i / Z over the end-of-text tokens and the log-weight is log Z: a legal last step of AWRS's induction (ours), with no variance.
 * At temperature 0 the most probable one, with log-weight 0.
 * @param first a token drawn from the distribution, kept when it is an end
 * @returns `deadEnd` when no end-of-text token has positive probability
 */
export function endExactly(
  distribution: Distribution,
  endOfText: ReadonlySet<number>,
  random: () => number,
  first: number,
): Choice {
  const ends = [...endOfText].filter(
    (id) => id < distribution.size && distribution.logProbability(id) > Number.NEGATIVE_INFINITY,
  );
  if (ends.length === 0) return deadEnd;
  const logs = ends.map((id) => distribution.logProbability(id));
  const max = Math.max(...logs);
  if (distribution.temperature === 0) {
    const best = ends.filter((_, i) => logs[i] === max);
    return { token: Math.min(...best), logWeight: 0 };
  }
  const weights = logs.map((log) => Math.exp(log - max));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const logWeight = Math.min(0, max + Math.log(total));
  if (endOfText.has(first)) return { token: first, logWeight };
  let rest = random() * total;
  const at = weights.findIndex((weight) => {
    rest -= weight;
    return rest < 0;
  });
  return { token: ends[at < 0 ? ends.length - 1 : at], logWeight };
}
