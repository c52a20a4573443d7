/** Positions of the rows of a layer, [G, capacity] of each kind. */
export class RowPositions {
  readonly #original: Int32Array;
  readonly #rotary: Int32Array;

  constructor(
    private readonly kvHeads: number,
    private readonly capacity: number,
  ) {
    this.#original = new Int32Array(kvHeads * capacity);
    this.#rotary = new Int32Array(kvHeads * capacity);
  }

  /** Positions of the first rows of a head in the token sequence; a view. */
  original(head: number, rows: number): Int32Array {
    const start = head * this.capacity;
    return this.#original.subarray(start, start + rows);
  }

  /** Rotary positions of the keys of the first rows of a head; a view. */
  rotary(head: number, rows: number): Int32Array {
    const start = head * this.capacity;
    return this.#rotary.subarray(start, start + rows);
  }

  /**
   * Sets the rows from `row` on to the same positions in every head.
   * @param rotaryOffset rotary position minus position
   */
  append(row: number, positions: Int32Array, rotaryOffset: number): void {
    for (let head = 0; head < this.kvHeads; head++) {
      const at = head * this.capacity + row;
      for (let i = 0; i < positions.length; i++) {
        this.#original[at + i] = positions[i];
        this.#rotary[at + i] = positions[i] + rotaryOffset;
      }
    }
  }

  /** Sets the rotary position of the key of a row. @returns the previous one */
  turn(head: number, row: number, to: number): number {
    const at = head * this.capacity + row;
    const from = this.#rotary[at];
    this.#rotary[at] = to;
    return from;
  }

  /** Copies `count` rows of a head from `row` on to `toRow` of `to`, which may be this object. */
  copyRows(head: number, row: number, count: number, to: RowPositions, toRow: number): void {
    const start = head * this.capacity + row;
    const target = head * to.capacity + toRow;
    if (to === this) {
      this.#original.copyWithin(target, start, start + count);
      this.#rotary.copyWithin(target, start, start + count);
    } else {
      to.#original.set(this.#original.subarray(start, start + count), target);
      to.#rotary.set(this.#rotary.subarray(start, start + count), target);
    }
  }
}
