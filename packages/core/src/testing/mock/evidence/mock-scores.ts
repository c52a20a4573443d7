import type { ScoresRequest } from '../../../contract/evidence/scores.js';
import type { Observed } from '../model/mock-model.js';
import { reduceHeads } from './reduce-heads.js';

/** Reduces the probabilities of one layer, row by row, as a `ScoresRequest` asks. */
export class ScoreReduction {
  /** [heads, total] */
  private readonly reduced: Float64Array;
  private row = 0;

  /** @param total rows of the layer after the forward */
  constructor(
    private readonly request: ScoresRequest,
    private readonly heads: number,
    private readonly kvHeads: number,
    private readonly total: number,
  ) {
    this.reduced = new Float64Array(heads * total);
    if (request.reduceRows === 'max') this.reduced.fill(Number.NEGATIVE_INFINITY);
  }

  /** The next query row. */
  add({
    probabilities,
    stride,
    visible,
  }: Pick<Observed, 'probabilities' | 'stride' | 'visible'>): void {
    const weight = this.request.rowWeights?.[this.row++] ?? 1;
    const { reduced, total } = this;
    const max = this.request.reduceRows === 'max';
    for (let head = 0; head < this.heads; head++)
      for (let t = 0; t < total; t++) {
        const value = t < visible ? weight * probabilities[head * stride + t] : 0;
        const at = head * total + t;
        reduced[at] = max ? Math.max(reduced[at], value) : reduced[at] + value;
      }
  }

  /** [heads, total] or [kvHeads, total] */
  result(): Float32Array {
    const { heads, kvHeads, reduced, request } = this;
    if (request.reduceRows === 'mean')
      for (let i = 0; i < reduced.length; i++) reduced[i] /= request.rows;
    return reduceHeads(reduced, request.reduceHeads, heads, kvHeads);
  }
}
