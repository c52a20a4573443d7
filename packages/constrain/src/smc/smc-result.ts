import type { FinishReason, Warning } from '@pliant/core';

/** A text with its share of the weight of all particles. */
export interface WeightedText<Value = unknown> {
  readonly text: string;
  /** An end-of-text token included. */
  readonly tokens: readonly number[];
  /**
   * The value of the text, as in `Result`; undefined if no middleware gives one, or the text is not
   * whole.
   */
  readonly value?: Value;
  /** 0 to 1. */
  readonly probability: number;
}

/** One particle at its end. */
export interface SmcParticle<Value = unknown> extends WeightedText<Value> {
  readonly finishReason: FinishReason;
  /**
   * Natural log of the unnormalised weight. -Infinity unless the text ended by itself: dead ends,
   * and texts cut by `maxNewTokens` or an abort.
   */
  readonly logWeight: number;
}

export interface SmcMetrics {
  /** Tokens of the prompt that were read, once for all particles. */
  readonly promptTokens: number;
  readonly prefillMs: number;
  /** Everything after the prompt was read: steps, constraint, critic, resampling. */
  readonly decodeMs: number;
  /** Steps of the whole set; a batched forward each but the first. */
  readonly steps: number;
  /** Tokens chosen, over all particles, those of particles that were dropped included. */
  readonly tokens: number;
  readonly resamplings: number;
  /** Copies of particles made by resampling. */
  readonly copies: number;
  /** Constraint checks a token; 0 without `constrain`. */
  readonly checksPerToken: number;
  /** Particles of weight 0 at the end. */
  readonly dead: number;
}

/** `Value`: that of the pipeline's results. */
export interface SmcResult<Value = unknown> {
  /** The most probable text: `posterior[0]`. Undefined if every particle is dead. */
  readonly best: WeightedText<Value> | undefined;
  /**
   * Finished texts, the most probable first, their probabilities summed over particles and
   * tokenisations; `tokens` are the most probable one. Empty where every particle is dead.
   */
  readonly posterior: readonly WeightedText<Value>[];
  /** The same, by token sequence. */
  readonly tokenPosterior: readonly WeightedText<Value>[];
  /**
   * Natural log of the estimated total weight: the probability that the model alone writes an
   * allowed text of at most `maxNewTokens` tokens, or the mean of exp(critic) over such texts. exp
   * of it is unbiased, for any number of particles. -Infinity where every particle is dead.
   */
  readonly logMarginal: number;
  /**
   * Effective sample size of the final weights, at most the number of particles; 0 where every
   * particle is dead.
   */
  readonly ess: number;
  readonly particles: readonly SmcParticle<Value>[];
  readonly warnings: readonly Warning[];
  readonly metrics: SmcMetrics;
}
