import type { SavedLayer } from '@pliant/core/engine';
import type { KeyRotation } from './key-rotation.js';
import { KvBlock, type KvShape } from './kv-block.js';
import { RowPositions } from './row-positions.js';

/** Rows of one layer of one sequence: a slot of a block. */
export class KvLayer {
  rows = 0;
  block: KvBlock;
  slot = 0;
  #positions: RowPositions;

  constructor(private readonly shape: KvShape) {
    this.block = new KvBlock(shape, 1, 0);
    this.block.enter(0);
    this.#positions = new RowPositions(shape.kvHeads, 0);
  }

  get capacity(): number {
    return this.block.capacity;
  }

  /** Whether another sequence shares its rows. They must move before any row is written. */
  get isShared(): boolean {
    return this.block.sharers(this.slot) > 1;
  }

  /** [rows], a view. */
  positions(kvHead: number): Int32Array {
    return this.#positions.original(kvHead, this.rows);
  }

  /** [rows], rotary positions of the keys, a view. */
  rotaryPositions(kvHead: number): Int32Array {
    return this.#positions.rotary(kvHead, this.rows);
  }

  /** Counts rows that a forward wrote. */
  append(positions: Int32Array, rotaryOffset: number): void {
    this.#positions.append(this.rows, positions, rotaryOffset);
    this.rows += positions.length;
  }

  /** Moves the rows to another block. */
  moveTo(block: KvBlock, slot: number): void {
    const { kvHeads } = this.shape;
    for (let head = 0; head < kvHeads; head++)
      this.#copyRows(head, 0, this.rows, block, slot * kvHeads + head, 0);
    this.#positions = this.#copyPositions(block.capacity);
    this.#enter(block, slot);
  }

  /** Moves kept rows to the front, within the block. @param keep ascending rows of each KV head */
  compact(keep: readonly Uint32Array[]): void {
    this.#gather(keep, this);
  }

  /** A copy of some rows in a block of its own. @param keep ascending rows of each KV head */
  copy(capacity: number, keep: readonly Uint32Array[]): KvLayer {
    const copy = new KvLayer(this.shape);
    copy.moveTo(new KvBlock(this.shape, 1, capacity), 0);
    this.#gather(keep, copy);
    return copy;
  }

  /** A copy of all rows that shares their memory. */
  share(): KvLayer {
    const copy = new KvLayer(this.shape);
    copy.#enter(this.block, this.slot);
    copy.#positions = this.#copyPositions(this.capacity);
    copy.rows = this.rows;
    return copy;
  }

  /**
   * Turns the keys of a row to a rotary position.
   * @param rotation absent if the layer does not rotate
   */
  turn(row: number, to: number, rotation: KeyRotation | undefined): void {
    const { kvHeads } = this.shape;
    for (let head = 0; head < kvHeads; head++) {
      const from = this.#positions.turn(head, row, to);
      if (from === to) continue;
      const start = this.#offset(this.block, this.slot * kvHeads + head, row);
      rotation?.turn(this.block.keys, start, from, to);
    }
  }

  /** [G, rows, D] */
  packed(which: 'keys' | 'values'): Float32Array {
    const { kvHeads, headDim } = this.shape;
    const packed = new Float32Array(kvHeads * this.rows * headDim);
    for (let head = 0; head < kvHeads; head++) {
      const start = this.#offset(this.block, this.slot * kvHeads + head, 0);
      packed.set(
        this.block[which].subarray(start, start + this.rows * headDim),
        head * this.rows * headDim,
      );
    }
    return packed;
  }

  /**
   * Writes new rows after those counted so far; `append` then counts them.
   * @param offset in both arrays, of the new rows [G, count, D]
   */
  write(keys: Float32Array, values: Float32Array, offset: number, count: number): void {
    const { kvHeads, headDim } = this.shape;
    const size = count * headDim;
    for (let head = 0; head < kvHeads; head++) {
      const to = this.#offset(this.block, this.slot * kvHeads + head, this.rows);
      const from = offset + head * size;
      this.block.keys.set(keys.subarray(from, from + size), to);
      this.block.values.set(values.subarray(from, from + size), to);
    }
  }

  save(): SavedLayer {
    const { kvHeads } = this.shape;
    const positions = new Int32Array(kvHeads * this.rows);
    const rotaryPositions = new Int32Array(kvHeads * this.rows);
    for (let head = 0; head < kvHeads; head++) {
      positions.set(this.positions(head), head * this.rows);
      rotaryPositions.set(this.rotaryPositions(head), head * this.rows);
    }
    const [keys, values] = [this.packed('keys'), this.packed('values')];
    return { rows: this.rows, positions, rotaryPositions, keys, values };
  }

  /** Fills an empty layer whose capacity is large enough. */
  restore({ rows, positions, rotaryPositions, keys, values }: SavedLayer): void {
    this.write(keys, values, 0, rows);
    this.rows = rows;
    for (let head = 0; head < this.shape.kvHeads; head++) {
      this.positions(head).set(positions.subarray(head * rows, (head + 1) * rows));
      this.rotaryPositions(head).set(rotaryPositions.subarray(head * rows, (head + 1) * rows));
    }
  }

  /** Whether both layers share all their rows. */
  sharesAll({ block, slot, rows }: KvLayer): boolean {
    return this.block === block && this.slot === slot && this.rows === rows;
  }

  /** Gives up the place of rows that are shared, until `rejoin`. */
  leave(): void {
    this.block.leave(this.slot);
  }

  /**
   * Moves to the rows of a layer that shared them before `leave`, and may have written more.
   * @returns whether the rows moved
   */
  rejoin({ block, slot }: KvLayer): boolean {
    const moved = this.block !== block || this.slot !== slot;
    if (this.capacity !== block.capacity) this.#positions = this.#copyPositions(block.capacity);
    block.enter(slot);
    this.block = block;
    this.slot = slot;
    return moved;
  }

  close(): void {
    this.rows = 0;
    this.#positions = new RowPositions(this.shape.kvHeads, 0);
    this.block.leave(this.slot);
  }

  /** Leaves its slot for another. */
  #enter(block: KvBlock, slot: number): void {
    const { block: from, slot: fromSlot } = this;
    block.enter(slot);
    this.block = block;
    this.slot = slot;
    from.leave(fromSlot);
  }

  #copyPositions(capacity: number): RowPositions {
    const { kvHeads } = this.shape;
    const positions = new RowPositions(kvHeads, capacity);
    for (let head = 0; head < kvHeads; head++)
      this.#positions.copyRows(head, 0, this.rows, positions, 0);
    return positions;
  }

  /** Puts kept rows to the front of a layer, which may be this one; neighbours in one piece. */
  #gather(keep: readonly Uint32Array[], into: KvLayer): void {
    keep.forEach((rows, head) => {
      const target = into.slot * this.shape.kvHeads + head;
      for (let to = 0; to < rows.length; ) {
        const first = rows[to];
        let count = 1;
        while (rows[to + count] === first + count) count++;
        if (into !== this || first !== to) {
          this.#copyRows(head, first, count, into.block, target, to);
          this.#positions.copyRows(head, first, count, into.#positions, to);
        }
        to += count;
      }
    });
    into.rows = keep[0].length;
  }

  #offset(block: KvBlock, head: number, row: number): number {
    return (head * block.capacity + row) * this.shape.headDim;
  }

  /**
   * Copies rows of a head to a head of a block, which may be the layer's own.
   * @param toHead counted over all slots
   */
  #copyRows(
    head: number,
    row: number,
    count: number,
    to: KvBlock,
    toHead: number,
    toRow: number,
  ): void {
    const source = this.#offset(this.block, this.slot * this.shape.kvHeads + head, row);
    const end = source + count * this.shape.headDim;
    const target = this.#offset(to, toHead, toRow);
    for (const which of ['keys', 'values'] as const)
      if (to === this.block) to[which].copyWithin(target, source, end);
      else to[which].set(this.block[which].subarray(source, end), target);
  }
}
