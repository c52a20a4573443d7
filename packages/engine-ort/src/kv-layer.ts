import { KvBlock, type KvShape } from './kv-block.js';

/** Rows of one layer of one sequence: a slot of a block. */
export class KvLayer {
  rows = 0;
  block: KvBlock;
  slot = 0;
  /** [G, capacity], original position of each row. */
  #positions: Int32Array;

  constructor(private readonly shape: KvShape) {
    this.block = new KvBlock(shape, 1, 0);
    this.block.users++;
    this.#positions = new Int32Array(0);
  }

  get capacity(): number {
    return this.block.capacity;
  }

  positions(kvHead: number): Int32Array {
    const start = kvHead * this.capacity;
    return this.#positions.subarray(start, start + this.rows);
  }

  /** Counts rows that a forward wrote. */
  append(positions: Int32Array): void {
    for (let head = 0; head < this.shape.kvHeads; head++)
      this.#positions.set(positions, head * this.capacity + this.rows);
    this.rows += positions.length;
  }

  /** Moves the rows to another block. */
  moveTo(block: KvBlock, slot: number): void {
    const { kvHeads } = this.shape;
    const from = this.block;
    const positions = new Int32Array(kvHeads * block.capacity);
    for (let head = 0; head < kvHeads; head++) {
      const target = slot * kvHeads + head;
      this.#copyRows(this.slot * kvHeads + head, block, target, this.rows);
      positions.set(this.positions(head), head * block.capacity);
    }
    this.#positions = positions;
    block.users++;
    this.block = block;
    this.slot = slot;
    from.leave();
  }

  /** Moves kept rows to the front, within the block. @param keep ascending rows of each KV head */
  compact(keep: readonly Uint32Array[]): void {
    const { kvHeads, headDim } = this.shape;
    const { keys, values } = this.block;
    keep.forEach((rows, head) => {
      const base = this.#offset(this.block, this.slot * kvHeads + head, 0);
      const start = head * this.capacity;
      for (let to = 0; to < rows.length; ) {
        const first = rows[to];
        let count = 1;
        while (rows[to + count] === first + count) count++;
        if (first !== to) {
          const source = base + first * headDim;
          const end = source + count * headDim;
          keys.copyWithin(base + to * headDim, source, end);
          values.copyWithin(base + to * headDim, source, end);
          this.#positions.copyWithin(start + to, start + first, start + first + count);
        }
        to += count;
      }
    });
    this.rows = keep[0].length;
  }

  /** A copy in a block of its own. */
  copy(capacity: number): KvLayer {
    const copy = new KvLayer(this.shape);
    copy.moveTo(new KvBlock(this.shape, 1, capacity), 0);
    const { kvHeads } = this.shape;
    for (let head = 0; head < kvHeads; head++)
      this.#copyRows(this.slot * kvHeads + head, copy.block, head, this.rows);
    for (let head = 0; head < kvHeads; head++)
      copy.#positions.set(this.positions(head), head * capacity);
    copy.rows = this.rows;
    return copy;
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

  /** Writes new rows, [G, count, D] from `offset` in each array, after the rows counted so far. `append` then counts them. */
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

  close(): void {
    this.rows = 0;
    this.#positions = new Int32Array(0);
    this.block.leave();
  }

  #offset(block: KvBlock, head: number, row: number): number {
    return (head * block.capacity + row) * this.shape.headDim;
  }

  /** The first rows of a head to the front of a head of another block. */
  #copyRows(fromHead: number, to: KvBlock, toHead: number, rows: number): void {
    const source = this.#offset(this.block, fromHead, 0);
    const end = source + rows * this.shape.headDim;
    const target = this.#offset(to, toHead, 0);
    to.keys.set(this.block.keys.subarray(source, end), target);
    to.values.set(this.block.values.subarray(source, end), target);
  }
}
