import type { ScoresRequest } from '@pliant/core';

type LayerScores = ReadonlyMap<number, Float32Array>;

/**
 * Scores of several forwards over one growing cache, reduced over the rows of all of them as if
 * they were one. The columns are those of the first forward. Rows that later forwards add to the
 * cache are not scored.
 */
export class JointScores {
  readonly #layers: ReadonlyMap<number, Float32Array>;

  /**
   * @param first [G, T] per layer, reduced over its `rows` as `reduceRows` says; not changed
   * @param reduceRows of all forwards
   */
  constructor(
    first: LayerScores,
    private rows: number,
    private readonly kvHeads: number,
    private readonly reduceRows: ScoresRequest['reduceRows'],
  ) {
    const weight = reduceRows === 'mean' ? rows : 1;
    this.#layers = new Map(
      [...first].map(([layer, scores]) => [layer, scores.map((score) => score * weight)]),
    );
  }

  /** @param scores [G, T or more] per layer, of a later forward, reduced over its `rows` */
  add(scores: LayerScores, rows: number): void {
    this.rows += rows;
    const weight = this.reduceRows === 'mean' ? rows : 1;
    for (const [layer, joint] of this.#layers) {
      const own = scores.get(layer);
      if (!own) continue;
      const columns = joint.length / this.kvHeads;
      const stride = own.length / this.kvHeads;
      for (let head = 0; head < this.kvHeads; head++)
        for (let column = 0; column < columns; column++) {
          const at = head * columns + column;
          const score = own[head * stride + column] * weight;
          joint[at] = this.reduceRows === 'max' ? Math.max(joint[at], score) : joint[at] + score;
        }
    }
  }

  /** [G, T + `appended`] per layer; the columns of rows that were appended are 0. */
  result(appended: number): Map<number, Float32Array> {
    const divisor = this.reduceRows === 'mean' ? this.rows : 1;
    return new Map(
      [...this.#layers].map(([layer, joint]) => {
        const columns = joint.length / this.kvHeads;
        const result = new Float32Array(this.kvHeads * (columns + appended));
        for (let head = 0; head < this.kvHeads; head++)
          for (let column = 0; column < columns; column++)
            result[head * (columns + appended) + column] = joint[head * columns + column] / divisor;
        return [layer, result];
      }),
    );
  }
}
