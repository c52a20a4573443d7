import type { CacheView, ScoresRequest } from '@pliant/core';
import { RowScores } from './row-scores.js';

type Request = Omit<ScoresRequest, 'layers'>;

/**
 * Attention paid by the last tokens before the next cut, as many as the policy asks for. They are
 * read one per forward, and their attention is reduced as if they were read in one.
 */
export class DecodeScores {
  #scores: RowScores;

  /**
   * @param asked the policy's request for an interval
   * @param summed attention since the start of the prompt, for a policy that sums it. Then every
   * token is asked, and nothing is forgotten at a cut
   */
  constructor(
    private readonly asked: Request,
    private readonly summed: RowScores | undefined,
  ) {
    this.#scores = summed ?? new RowScores(asked.reduceRows);
  }

  /**
   * Attention to ask of a forward over `tokens` tokens; undefined if it does not count.
   * @param toCut tokens to read until the next cut
   */
  request(tokens: number, toCut: number): Request | undefined {
    const { asked, summed } = this;
    // The cut may become due with the last of these tokens.
    if (!summed && toCut - (tokens - 1) > asked.rows) return undefined;
    return lastRows(asked, summed ? tokens : Math.min(tokens, asked.rows));
  }

  add(view: CacheView, scores: ReadonlyMap<number, Float32Array>): void {
    this.#scores.add(view, scores, 1);
  }

  of(view: CacheView): ReadonlyMap<number, Float32Array> {
    return this.#scores.of(view);
  }

  truncate(position: number): void {
    this.#scores.truncate(position);
  }

  /** Starts again, because the cache was cut. */
  restart(): void {
    if (!this.summed) this.#scores = new RowScores(this.asked.reduceRows);
  }

  copy(summed: RowScores | undefined): DecodeScores {
    const copy = new DecodeScores(this.asked, summed);
    if (!summed) copy.#scores = this.#scores.copy();
    return copy;
  }
}

/** Limits a request to its last rows. */
function lastRows(request: Request, rows: number): Request {
  return { ...request, rows, rowWeights: request.rowWeights?.slice(-rows) };
}
