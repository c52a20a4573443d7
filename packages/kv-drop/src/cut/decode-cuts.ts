import type { CacheView, ScoresRequest } from '@pliant/core';
import type { KeptRows, Layers } from './cut-layers.js';
import { DecodeScores } from './decode-scores.js';
import type { RowScores } from './row-scores.js';

type Scores = ReadonlyMap<number, Float32Array>;

/** Decides when a cache is cut while decoding, and gathers the attention to choose by. */
export class DecodeCuts {
  /** Cuts so far. */
  count = 0;
  #limits: readonly number[];
  #scores: DecodeScores | undefined;

  /**
   * @param rows budget of a layer that was not cut yet
   * @param asked attention to ask for in an interval; undefined: none
   * @param summed attention since the start of the prompt, for a policy that sums it
   */
  constructor(
    private readonly layers: Layers,
    private readonly every: number,
    private readonly rows: number,
    private readonly asked: Omit<ScoresRequest, 'layers'> | undefined,
    summed: RowScores | undefined,
  ) {
    this.#limits = Array.from({ length: layers.count }, () => rows + every);
    this.#scores = asked && new DecodeScores(asked, summed);
  }

  /** Attention to ask of a forward over `tokens` tokens. */
  request(cache: CacheView, tokens: number): ScoresRequest | undefined {
    const request = this.#scores?.request(tokens, this.toCut(cache));
    return request && { ...request, layers: this.layers.full };
  }

  add(view: CacheView, scores: Scores): void {
    this.#scores?.add(view, scores);
  }

  isDue(view: CacheView): boolean {
    return this.toCut(view) <= 0;
  }

  /** Number of rows that may be added before a cut is due. */
  toCut(view: CacheView): number {
    let rows = Number.POSITIVE_INFINITY;
    for (const layer of this.layers.full)
      rows = Math.min(rows, this.#limits[layer] - view.rows(layer));
    return rows;
  }

  scores(view: CacheView): Scores | undefined {
    return this.#scores?.of(view);
  }

  /** Begins an interval. @param kept rows that the cut left */
  begin(kept: KeptRows): void {
    this.#limits = kept.map(([rows]) => rows.length + this.every);
    this.#scores?.restart();
  }

  truncate(position: number): void {
    this.#scores?.truncate(position);
  }

  copy(summed: RowScores | undefined): DecodeCuts {
    const copy = new DecodeCuts(this.layers, this.every, this.rows, this.asked, summed);
    copy.count = this.count;
    copy.#limits = this.#limits;
    copy.#scores = this.#scores?.copy(summed);
    return copy;
  }
}
