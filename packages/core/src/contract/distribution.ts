/**
 * The distribution of a step, computed once and shared by the sampler and constraints: log-softmax
 * in float64 of the logits after `adjust`, temperature and truncation. Tokens with probability 0
 * are never drawn.
 */
export interface Distribution {
  /** Vocabulary size. */
  readonly size: number;
  /** 0: `draw` walks down the probabilities, and every log-weight is 0. */
  readonly temperature: number;
  /**
   * Natural log of the probability of `id`, unchanged by `without`; -Infinity outside the
   * truncation. At temperature 0: of the untempered softmax.
   */
  logProbability(id: number): number;
  /**
   * One token of those not removed, by inverse CDF; at temperature 0 the most probable, lowest id
   * first. -1 when none is left.
   * @param random uniform in (0, 1)
   */
  draw(random: () => number): number;
  /** Removes a token; later draws renormalise. Removing it twice changes nothing. */
  without(id: number): void;
  /** Removes every token but those whose bit, `id & 31` of word `id >>> 5`, is set. */
  restrict(mask: Uint32Array): void;
  /**
   * Probability mass not removed. Below 1e-3 it is summed again, because cancellation would show.
   */
  readonly remaining: number;
  /**
   * Natural log of `remaining`, right also where that rounds to 0; -Infinity when no token is left.
   */
  readonly logRemaining: number;
  /** Tokens with positive probability not removed. */
  readonly remainingTokens: number;
}
