import type { CacheView } from '@pliant/core';

/** Scores of the chunks of a prefill, summed by position: other middlewares may drop rows between chunks. */
export class ChunkScores {
  /** layer -> per KV head [positions] */
  readonly #sums = new Map<number, Float32Array[]>();

  /** @param scores [G, T] per layer, over the rows that `view` holds */
  add(view: CacheView, scores: ReadonlyMap<number, Float32Array>): void {
    for (const [layer, values] of scores) {
      const rows = view.rows(layer);
      const sums = this.#grown(layer, view);
      for (let head = 0; head < view.kvHeads; head++) {
        const positions = view.positions(layer, head);
        for (let row = 0; row < rows; row++)
          sums[head][positions[row]] += values[head * rows + row];
      }
    }
  }

  /** [G, T] per layer, over the rows that `view` holds. */
  of(view: CacheView): Map<number, Float32Array> {
    return new Map(
      [...this.#sums].map(([layer, sums]) => {
        const rows = view.rows(layer);
        const values = new Float32Array(view.kvHeads * rows);
        for (let head = 0; head < view.kvHeads; head++) {
          const positions = view.positions(layer, head);
          for (let row = 0; row < rows; row++)
            values[head * rows + row] = sums[head][positions[row]];
        }
        return [layer, values];
      }),
    );
  }

  #grown(layer: number, { kvHeads, nextPosition }: CacheView): Float32Array[] {
    const before = this.#sums.get(layer);
    const sums = Array.from({ length: kvHeads }, (_, head) => {
      const grown = new Float32Array(nextPosition);
      if (before) grown.set(before[head]);
      return grown;
    });
    this.#sums.set(layer, sums);
    return sums;
  }
}
