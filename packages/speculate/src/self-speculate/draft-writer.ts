import { type Forward, type Run, StepDistribution } from '@pliant/core';
import type { DraftLayers } from './draft-layers.js';

/**
 * Writes drafts with layers skipped: greedily, or drawn at the run's temperature by the
 * middleware's own random stream.
 */
export class DraftWriter {
  /** Those that the latest draft was drawn from, one for each token. */
  readonly distributions: StepDistribution[] = [];
  /** Allocated once and reused. */
  readonly #held: StepDistribution[] = [];

  constructor(
    private readonly run: Run,
    private readonly layers: DraftLayers,
  ) {}

  async write(draft: Forward, length: number): Promise<number[]> {
    const { generated, tokenizer, temperature, truncation, random, decoder } = this.run;
    const tokens: number[] = [];
    let last = generated[generated.length - 1];
    this.distributions.length = 0;
    while (tokens.length < length && !tokenizer.endOfText.has(last)) {
      const { logits } = await draft({ ids: Int32Array.of(last), layers: this.layers.gates });
      this.#held[tokens.length] ??= new StepDistribution(decoder.shape.vocabulary);
      const distribution = this.#held[tokens.length];
      distribution.load(logits, { temperature, ...truncation });
      last = distribution.draw(random);
      // No token is possible if every logit is -Infinity.
      if (last < 0) break;
      tokens.push(last);
      this.distributions.push(distribution);
    }
    return tokens;
  }
}
