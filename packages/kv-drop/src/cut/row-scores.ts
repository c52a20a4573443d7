import type { CacheView, ScoresRequest } from '@pliant/core';

type LayerScores = ReadonlyMap<number, Float32Array>;

/** Sums of a KV head: `values[i]` belongs to the row at `positions[i]`. */
interface HeadScores {
  length: number;
  positions: Int32Array;
  values: Float32Array;
}

/**
 * Scores of several forwards, reduced over the rows of all of them as if they were one. They follow
 * the cache's rows, even if rows are dropped or taken back in between.
 */
export class RowScores {
  #layers = new Map<number, readonly HeadScores[]>();
  #queries = 0;

  /** @param reduce how the forwards reduce their own rows */
  constructor(private readonly reduce: ScoresRequest['reduceRows']) {}

  /**
   * @param scores [G, T or more] per layer, over the rows that `view` holds; further columns are
   * ignored
   * @param queries rows that the forward reduced
   */
  add(view: CacheView, scores: LayerScores, queries: number): void {
    this.#queries += queries;
    const weight = this.reduce === 'mean' ? queries : 1;
    for (const [layer, added] of scores) {
      const rows = view.rows(layer);
      const columns = added.length / view.kvHeads;
      this.#headsOf(layer, view).forEach((head, kvHead) => {
        align(head, view.positions(layer, kvHead));
        const { values } = head;
        for (let row = 0; row < rows; row++) {
          const score = added[kvHead * columns + row] * weight;
          values[row] = this.reduce === 'max' ? Math.max(values[row], score) : values[row] + score;
        }
      });
    }
  }

  /** [G, T] per layer, over the rows that `view` holds. */
  of(view: CacheView): Map<number, Float32Array> {
    const divisor = this.reduce === 'mean' ? Math.max(1, this.#queries) : 1;
    return new Map(
      [...this.#layers].map(([layer, heads]) => {
        const rows = view.rows(layer);
        const result = new Float32Array(view.kvHeads * rows);
        heads.forEach((head, kvHead) => {
          align(head, view.positions(layer, kvHead));
          for (let row = 0; row < rows; row++)
            result[kvHead * rows + row] = head.values[row] / divisor;
        });
        return [layer, result];
      }),
    );
  }

  /** Forgets the rows at `position` and later, because other tokens may take these positions. */
  truncate(position: number): void {
    for (const heads of this.#layers.values())
      for (const head of heads)
        while (head.length > 0 && head.positions[head.length - 1] >= position) head.length--;
  }

  copy(): RowScores {
    const copy = new RowScores(this.reduce);
    copy.#queries = this.#queries;
    copy.#layers = new Map(
      [...this.#layers].map(([layer, heads]) => [
        layer,
        heads.map(({ length, positions, values }) => ({
          length,
          positions: positions.slice(),
          values: values.slice(),
        })),
      ]),
    );
    return copy;
  }

  #headsOf(layer: number, { kvHeads }: CacheView): readonly HeadScores[] {
    let heads = this.#layers.get(layer);
    if (!heads) {
      heads = Array.from({ length: kvHeads }, () => ({
        length: 0,
        positions: new Int32Array(0),
        values: new Float32Array(0),
      }));
      this.#layers.set(layer, heads);
    }
    return heads;
  }
}

/**
 * Aligns a head with these positions: removes the values of rows that are gone, and gives new rows
 * 0. Both lists ascend.
 */
function align(head: HeadScores, positions: Int32Array): void {
  const rows = positions.length;
  if (head.positions.length < rows) {
    const capacity = rows + (rows >> 1);
    const grown = { positions: new Int32Array(capacity), values: new Float32Array(capacity) };
    grown.positions.set(head.positions.subarray(0, head.length));
    grown.values.set(head.values.subarray(0, head.length));
    Object.assign(head, grown);
  }
  // Rows are dropped, or added at the end. So if the last known row is in its place, all before it
  // are.
  const last = head.length - 1;
  const isPrefix = last < 0 || (last < rows && head.positions[last] === positions[last]);
  if (!isPrefix) {
    let kept = 0;
    for (let known = 0, row = 0; known < head.length && row < rows; known++) {
      while (row < rows && positions[row] < head.positions[known]) row++;
      if (positions[row] !== head.positions[known]) continue;
      head.positions[kept] = head.positions[known];
      head.values[kept++] = head.values[known];
    }
    head.length = kept;
  }
  head.values.fill(0, head.length, rows);
  head.positions.set(positions.subarray(head.length), head.length);
  head.length = rows;
}
