import type { CacheEdit, KeepEdit } from '../contract/cache.js';

/** A row of a reference cache. */
export interface ReferenceRow {
  /** The token that wrote the row. */
  readonly token: number;
  readonly position: number;
  /** The position that its key is rotated to. */
  readonly rotary: number;
}

/**
 * A KV cache in plain lists, to compare a decoder's own with in property tests. It checks nothing;
 * give it only edits that the decoder accepts.
 *
 * ```ts
 * const reference = new ReferenceCache(2, 1);
 * for (let token = 0; token < 5; token++) reference.append(token);
 * reference.edit({ keep: () => Uint32Array.of(0, 3), renumber: true });
 * console.log(reference.rows(1, 0)); // positions 0 and 3, rotary 0 and 1
 * ```
 */
export class ReferenceCache {
  nextPosition = 0;
  nextRotaryPosition = 0;
  /** [layers][G], rows in order. */
  private held: ReferenceRow[][][];

  constructor(
    private readonly layers: number,
    private readonly kvHeads: number,
  ) {
    this.held = this.perHead(() => []);
  }

  rows(layer: number, kvHead: number): readonly ReferenceRow[] {
    return this.held[layer][kvHead];
  }

  /** A row in each layer that runs. @param position default: the next one */
  append(token: number, position = this.nextPosition, runs = (_layer: number) => true): void {
    const rotary = position + this.nextRotaryPosition - this.nextPosition;
    this.held.forEach((heads, layer) => {
      if (runs(layer)) for (const rows of heads) rows.push({ token, position, rotary });
    });
    this.nextPosition = position + 1;
    this.nextRotaryPosition = rotary + 1;
  }

  edit(edit: CacheEdit): void {
    if ('truncate' in edit) {
      this.held = this.perHead((rows) => rows.filter(({ position }) => position < edit.truncate));
      this.backTo(edit.truncate);
      return;
    }
    this.held = this.perHead((rows, layer, head) =>
      Array.from(edit.keep(layer, head), (row) => rows[row]),
    );
    if (edit.refeed) this.backTo(this.nextPosition - 1);
    if (edit.renumber) this.renumber();
  }

  /** Whether the KV heads of every layer would be left with equally many rows, as they must. */
  canTruncate(position: number): boolean {
    return this.held.every((heads) => {
      const counts = heads.map((rows) => rows.filter((row) => row.position < position).length);
      return counts.every((count) => count === counts[0]);
    });
  }

  fork(edit?: KeepEdit): ReferenceCache {
    const copy = new ReferenceCache(this.layers, this.kvHeads);
    copy.nextPosition = this.nextPosition;
    copy.nextRotaryPosition = this.nextRotaryPosition;
    copy.held = this.perHead((rows) => [...rows]);
    if (edit) copy.edit(edit);
    return copy;
  }

  /**
   * An edit that can be: in every KV head other rows, in every layer about `share` of them.
   * @param random gives numbers from 0 to below 1
   */
  randomKeep(random: () => number, share: number, refeed: 0 | 1): Pick<KeepEdit, 'keep'> {
    const kept = this.held.map((heads) => {
      // With refeed the row of the last token goes.
      const allowed = heads.map(
        (rows) => rows.filter(({ position }) => position < this.nextPosition - refeed).length,
      );
      const count = Math.floor(share * Math.min(...allowed));
      return allowed.map((rows) => randomRows(random, rows, count));
    });
    return { keep: (layer, head) => kept[layer][head] };
  }

  /**
   * The next rotary position goes back as far as the next position, but not onto a row that is
   * left.
   */
  private backTo(position: number): void {
    const last = Math.max(-1, ...this.held.flat(2).map(({ rotary }) => rotary));
    const back = this.nextRotaryPosition - (this.nextPosition - position);
    this.nextPosition = position;
    this.nextRotaryPosition = Math.max(back, last + 1);
  }

  private renumber(): void {
    const most = Math.max(...this.held.map(([rows]) => rows.length));
    this.held = this.perHead((rows) =>
      rows.map((row, index) => ({ ...row, rotary: most - rows.length + index })),
    );
    this.nextRotaryPosition = most;
  }

  private perHead(
    change: (rows: readonly ReferenceRow[], layer: number, head: number) => ReferenceRow[],
  ): ReferenceRow[][][] {
    return Array.from({ length: this.layers }, (_, layer) =>
      Array.from({ length: this.kvHeads }, (__, head) =>
        change(this.held?.[layer][head] ?? [], layer, head),
      ),
    );
  }
}

/** `count` of the row indices below `rows`, ascending. */
function randomRows(random: () => number, rows: number, count: number): Uint32Array {
  const ranked = Array.from({ length: rows }, (_, row) => ({ row, rank: random() }));
  ranked.sort((a, b) => a.rank - b.rank);
  return Uint32Array.from(ranked.slice(0, count), ({ row }) => row).sort();
}
