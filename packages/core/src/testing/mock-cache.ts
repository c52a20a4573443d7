import type { CacheEdit, CacheView } from '../cache.js';
import type { DecoderShape } from '../decoder.js';
import { InvalidOptionsError } from '../errors.js';
import { keptRows } from '../kept-rows.js';

interface LayerRows {
  rows: number;
  capacity: number;
  /** [G, capacity, D] */
  keys: Float32Array;
  values: Float32Array;
  /** [G, capacity] */
  positions: Int32Array;
}

const refuse = (path: string, message: string) =>
  new InvalidOptionsError('mock decoder, edit', [{ path, message }]);

/** Rows of all layers of one sequence. Capacity doubles from `firstRows`; an edit that leaves half of it unused gives it back. */
export class MockCache implements CacheView {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
  nextPosition = 0;
  private readonly held: LayerRows[];

  /** @param read called before keys or values are handed out, to refuse it */
  constructor(
    private readonly shape: DecoderShape,
    private readonly firstRows: number,
    private readonly read: () => void,
  ) {
    this.layers = shape.layers;
    this.kvHeads = shape.kvHeads;
    this.headDim = shape.headDim;
    this.held = Array.from({ length: shape.layers }, () => this.allocate(firstRows));
  }

  rows(layer: number): number {
    return this.held[layer].rows;
  }

  positions(layer: number, kvHead: number): Int32Array {
    const { positions, capacity, rows } = this.held[layer];
    return positions.subarray(kvHead * capacity, kvHead * capacity + rows);
  }

  keys(layer: number): Float32Array {
    this.read();
    return this.packed(layer, 'keys');
  }

  values(layer: number): Float32Array {
    this.read();
    return this.packed(layer, 'values');
  }

  get bytes(): number {
    return this.held.reduce(
      (sum, { keys, values }) => sum + keys.byteLength + values.byteLength,
      0,
    );
  }

  /** The largest position of any row; -1 when there is none. */
  get lastPosition(): number {
    let last = -1;
    for (let layer = 0; layer < this.layers; layer++)
      for (let head = 0; head < this.kvHeads; head++)
        last = Math.max(last, this.positions(layer, head).at(-1) ?? -1);
    return last;
  }

  /** Adds a row to every KV head of a layer, for the caller to fill: `keyOffset(layer, head, row)` and on. */
  append(layer: number, position: number): number {
    let held = this.held[layer];
    if (held.rows === held.capacity) held = this.resize(layer, 2 * held.capacity);
    for (let head = 0; head < this.kvHeads; head++)
      held.positions[head * held.capacity + held.rows] = position;
    return held.rows++;
  }

  /** The buffers of a layer, [G, capacity, D]; valid until the next `append` or edit. */
  buffers(layer: number): { keys: Float32Array; values: Float32Array; capacity: number } {
    return this.held[layer];
  }

  /** @throws InvalidOptionsError with the cache as it was */
  edit(edit: CacheEdit): void {
    if ('truncate' in edit) this.truncate(edit.truncate);
    else this.keep(edit);
  }

  copy(): MockCache {
    const copy = new MockCache(this.shape, this.firstRows, this.read);
    copy.nextPosition = this.nextPosition;
    this.held.forEach((held, layer) => {
      copy.held[layer] = {
        ...held,
        keys: held.keys.slice(),
        values: held.values.slice(),
        positions: held.positions.slice(),
      };
    });
    return copy;
  }

  free(): void {
    for (let layer = 0; layer < this.layers; layer++) this.held[layer] = this.allocate(0);
  }

  private keep(edit: Exclude<CacheEdit, { readonly truncate: number }>): void {
    const kept = this.held.map((_, layer) => keptRows(this, layer, edit, refuse));
    if (edit.refeed)
      kept.forEach((heads, layer) => {
        heads.forEach((indices, head) => {
          if (this.positions(layer, head)[indices.at(-1)!] >= this.nextPosition - 1)
            throw refuse(
              `keep(${layer}, ${head})`,
              'with refeed the row of the last token must not be kept',
            );
        });
      });
    kept.forEach((heads, layer) => {
      this.select(layer, heads);
    });
    if (edit.refeed) this.nextPosition--;
  }

  private truncate(position: number): void {
    if (!Number.isInteger(position) || position < 0 || position > this.nextPosition)
      throw refuse('truncate', `${position} is not a position from 0 to ${this.nextPosition}`);
    const left = this.held.map((_, layer) => {
      const counts = Array.from(
        { length: this.kvHeads },
        (__, head) => this.positions(layer, head).filter((p) => p < position).length,
      );
      if (counts.some((count) => count !== counts[0]))
        throw refuse(
          'truncate',
          `before position ${position} the KV heads of layer ${layer} hold ${counts.join(' and ')} rows: their counts must stay equal`,
        );
      return counts[0];
    });
    left.forEach((rows, layer) => {
      this.held[layer].rows = rows;
    });
    this.nextPosition = position;
  }

  /** Moves the kept rows of each head to the front, and gives unused memory back. */
  private select(layer: number, heads: readonly Uint32Array[]): void {
    const { headDim } = this;
    const held = this.held[layer];
    heads.forEach((indices, head) => {
      const base = head * held.capacity;
      indices.forEach((from, to) => {
        const source = (base + from) * headDim;
        held.keys.copyWithin((base + to) * headDim, source, source + headDim);
        held.values.copyWithin((base + to) * headDim, source, source + headDim);
        held.positions[base + to] = held.positions[base + from];
      });
    });
    held.rows = heads[0].length;
    // One more: mostly a token is fed next.
    if (held.capacity >= 2 * (held.rows + 1)) this.resize(layer, held.rows + 1);
  }

  private allocate(capacity: number): LayerRows {
    const size = this.kvHeads * capacity;
    return {
      rows: 0,
      capacity,
      keys: new Float32Array(size * this.headDim),
      values: new Float32Array(size * this.headDim),
      positions: new Int32Array(size),
    };
  }

  private resize(layer: number, capacity: number): LayerRows {
    const { headDim } = this;
    const from = this.held[layer];
    const to = this.allocate(capacity);
    for (let head = 0; head < this.kvHeads; head++) {
      const start = head * from.capacity;
      const rows = [start, start + from.rows] as const;
      const values = [rows[0] * headDim, rows[1] * headDim] as const;
      to.positions.set(from.positions.subarray(...rows), head * capacity);
      to.keys.set(from.keys.subarray(...values), head * capacity * headDim);
      to.values.set(from.values.subarray(...values), head * capacity * headDim);
    }
    to.rows = from.rows;
    this.held[layer] = to;
    return to;
  }

  private packed(layer: number, which: 'keys' | 'values'): Float32Array {
    const { rows, capacity, [which]: source } = this.held[layer];
    const packed = new Float32Array(this.kvHeads * rows * this.headDim);
    for (let head = 0; head < this.kvHeads; head++) {
      const start = head * capacity * this.headDim;
      packed.set(source.subarray(start, start + rows * this.headDim), head * rows * this.headDim);
    }
    return packed;
  }
}
