import type { SavedLayer } from '../../../contract/cache.js';
import { rotate } from './mock-rotary.js';

export interface MockLayerShape {
  readonly kvHeads: number;
  readonly headDim: number;
}

/** The rows of one layer in buffers of a fixed capacity. G KV heads, D head dimension. */
export class MockLayer {
  rows = 0;
  /** [G, capacity, D] */
  readonly keys: Float32Array;
  /** [G, capacity, D] */
  readonly values: Float32Array;
  /** [G, capacity] */
  private readonly original: Int32Array;
  /** [G, capacity], where the keys are rotated to. */
  private readonly rotary: Int32Array;

  constructor(
    private readonly shape: MockLayerShape,
    readonly capacity: number,
  ) {
    const size = shape.kvHeads * capacity;
    this.keys = new Float32Array(size * shape.headDim);
    this.values = new Float32Array(size * shape.headDim);
    this.original = new Int32Array(size);
    this.rotary = new Int32Array(size);
  }

  get bytes(): number {
    return this.keys.byteLength + this.values.byteLength;
  }

  /** A view, [rows] */
  positions(head: number): Int32Array {
    return this.original.subarray(head * this.capacity, head * this.capacity + this.rows);
  }

  /** A view, [rows] */
  rotaryPositions(head: number): Int32Array {
    return this.rotary.subarray(head * this.capacity, head * this.capacity + this.rows);
  }

  /** Adds a row to every KV head, whose keys and values the caller fills. @returns its index */
  append(position: number, rotary: number): number {
    for (let head = 0; head < this.shape.kvHeads; head++) {
      const at = head * this.capacity + this.rows;
      this.original[at] = position;
      this.rotary[at] = rotary;
    }
    return this.rows++;
  }

  /**
   * Puts rows to the front of another layer, or of this one. @param keep ascending rows of each KV
   * head
   */
  gather(keep: readonly Uint32Array[], into: MockLayer): void {
    const { headDim } = this.shape;
    keep.forEach((rows, head) => {
      rows.forEach((row, index) => {
        const from = head * this.capacity + row;
        const to = head * into.capacity + index;
        const source = [from * headDim, (from + 1) * headDim] as const;
        into.keys.set(this.keys.subarray(...source), to * headDim);
        into.values.set(this.values.subarray(...source), to * headDim);
        into.original[to] = this.original[from];
        into.rotary[to] = this.rotary[from];
      });
    });
    into.rows = keep[0].length;
  }

  /** The same rows in buffers of another capacity. */
  resized(capacity: number): MockLayer {
    const all = Uint32Array.from({ length: this.rows }, (_, row) => row);
    const resized = new MockLayer(this.shape, capacity);
    this.gather(Array<Uint32Array>(this.shape.kvHeads).fill(all), resized);
    return resized;
  }

  /** Rotates the keys to contiguous positions from `first` on. */
  renumber(first: number): void {
    const { kvHeads, headDim } = this.shape;
    for (let head = 0; head < kvHeads; head++)
      this.rotaryPositions(head).forEach((from, row, rotary) => {
        const to = first + row;
        const start = (head * this.capacity + row) * headDim;
        if (to !== from) rotate(this.keys.subarray(start, start + headDim), headDim, to - from);
        rotary[row] = to;
      });
  }

  /** [G, rows, D], a copy. */
  packed(which: 'keys' | 'values'): Float32Array {
    return this.pack(this[which], this.shape.headDim);
  }

  save(): SavedLayer {
    return {
      rows: this.rows,
      positions: this.pack(this.original, 1),
      rotaryPositions: this.pack(this.rotary, 1),
      keys: this.packed('keys'),
      values: this.packed('values'),
    };
  }

  /** Fills an empty layer. */
  restore({ rows, positions, rotaryPositions, keys, values }: SavedLayer): void {
    const { kvHeads, headDim } = this.shape;
    for (let head = 0; head < kvHeads; head++) {
      const [from, to] = [head * rows, (head + 1) * rows];
      const start = head * this.capacity;
      this.original.set(positions.subarray(from, to), start);
      this.rotary.set(rotaryPositions.subarray(from, to), start);
      this.keys.set(keys.subarray(from * headDim, to * headDim), start * headDim);
      this.values.set(values.subarray(from * headDim, to * headDim), start * headDim);
    }
    this.rows = rows;
  }

  /** The rows of every head, `width` numbers each, one head after the other. */
  private pack<T extends Float32Array | Int32Array>(source: T, width: number): T {
    const { rows, capacity } = this;
    const packed = source.slice(0, this.shape.kvHeads * rows * width) as T;
    for (let head = 1; head < this.shape.kvHeads; head++) {
      const start = head * capacity * width;
      packed.set(source.subarray(start, start + rows * width), head * rows * width);
    }
    return packed;
  }
}
