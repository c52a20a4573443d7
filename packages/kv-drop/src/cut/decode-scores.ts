import type { CacheView, ScoresRequest } from '@pliant/core';
import { RowScores } from './row-scores.js';

type Request = Omit<ScoresRequest, 'layers'>;

/**
 * Attention of the tokens written since the cache was cut last: of the last ones before the next cut, as many as the policy asks for,
 * a token a forward, reduced as if they were read in one.
 */
export class DecodeScores {
  #scores: RowScores;

  /**
   * @param asked what the policy asks for of an interval
   * @param summed attention from the start on, where the policy sums it: then every token is asked, and nothing is forgotten at a cut
   */
  constructor(
    private readonly asked: Request,
    private readonly summed: RowScores | undefined,
  ) {
    this.#scores = summed ?? new RowScores(asked.reduceRows);
  }

  /** Of a forward over `tokens`; undefined where its attention does not count. @param toCut tokens to be read until the next cut */
  request(tokens: number, toCut: number): Request | undefined {
    const { asked, summed } = this;
    // The last of these tokens may be the one that the cut is due with.
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

  /** The cache was cut. */
  restart(): void {
    if (!this.summed) this.#scores = new RowScores(this.asked.reduceRows);
  }

  copy(summed: RowScores | undefined): DecodeScores {
    const copy = new DecodeScores(this.asked, summed);
    if (!summed) copy.#scores = this.#scores.copy();
    return copy;
  }
}

/** A request of its last rows only. */
function lastRows(request: Request, rows: number): Request {
  return { ...request, rows, rowWeights: request.rowWeights?.slice(-rows) };
}
