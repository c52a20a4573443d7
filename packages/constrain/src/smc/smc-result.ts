import type { FinishReason, Warning } from '@pliant/core';

/** One particle at its end. */
export interface SmcParticle {
  readonly text: string;
  /** An end-of-text token included. */
  readonly tokens: readonly number[];
  readonly finishReason: FinishReason;
  /** Natural log of the unnormalised weight. -Infinity unless the text ended by itself: dead ends, and texts cut by `maxNewTokens` or an abort. */
  readonly logWeight: number;
  /** Share of the weight of all particles; 0 for all where every particle is dead. */
  readonly probability: number;
}

/** A text with the share of the particles that hold it. */
export interface PosteriorText {
  readonly text: string;
  /** Of its most probable tokenisation. */
  readonly tokens: readonly number[];
  /** Above 0, at most 1. */
  readonly probability: number;
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

export interface SmcResult {
  /** The most probable text: `posterior[0]`. Undefined where every particle is dead. */
  readonly best: PosteriorText | undefined;
  /** Finished texts, the most probable first, their probabilities summed over tokenisations and particles. Empty where every particle is dead. */
  readonly posterior: readonly PosteriorText[];
  /** The same, by token sequence. */
  readonly tokenPosterior: readonly PosteriorText[];
  /**
   * Natural log of the estimated total weight: the probability that the model alone writes an allowed text of at most `maxNewTokens` tokens,
   * or the mean of exp(critic) over such texts. exp of it is unbiased, for any number of particles. -Infinity where every particle is dead.
   */
  readonly logMarginal: number;
  /** Effective sample size of the final weights, at most the number of particles; 0 where every particle is dead. */
  readonly ess: number;
  readonly particles: readonly SmcParticle[];
  readonly warnings: readonly Warning[];
  readonly metrics: SmcMetrics;
}
