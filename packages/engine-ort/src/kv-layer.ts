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

  /** Moves the rows to another block. @param keep rows of each KV head; all when left out */
  moveTo(block: KvBlock, slot: number, keep?: readonly Uint32Array[]): void {
    const { kvHeads } = this.shape;
    const from = this.block;
    const positions = new Int32Array(kvHeads * block.capacity);
    for (let head = 0; head < kvHeads; head++) {
      const source = this.slot * kvHeads + head;
      const target = slot * kvHeads + head;
      eachRun(keep?.[head], this.rows, (first, to, count) => {
        this.#copyRows(from, source, first, block, target, to, count);
        const start = head * from.capacity + first;
        const end = head * block.capacity + to;
        for (let i = 0; i < count; i++) positions[end + i] = this.#positions[start + i];
      });
    }
    this.rows = keep?.[0].length ?? this.rows;
    this.#positions = positions;
    block.users++;
    this.block = block;
    this.slot = slot;
    from.leave();
  }

  /** Moves kept rows to the front, within the block. */
  compact(keep: readonly Uint32Array[]): void {
    const { kvHeads } = this.shape;
    keep.forEach((indices, head) => {
      const at = this.slot * kvHeads + head;
      eachRun(indices, this.rows, (first, to, count) => {
        if (first === to) return;
        this.#copyRows(this.block, at, first, this.block, at, to, count);
        const start = head * this.capacity;
        this.#positions.copyWithin(start + to, start + first, start + first + count);
      });
    });
    this.rows = keep[0].length;
  }

  /** A copy in a block of its own. */
  copy(capacity: number): KvLayer {
    const copy = new KvLayer(this.shape);
    copy.moveTo(new KvBlock(this.shape, 1, capacity), 0);
    const { kvHeads } = this.shape;
    for (let head = 0; head < kvHeads; head++)
      this.#copyRows(this.block, this.slot * kvHeads + head, 0, copy.block, head, 0, this.rows);
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

  #copyRows(
    from: KvBlock,
    fromHead: number,
    fromRow: number,
    to: KvBlock,
    toHead: number,
    toRow: number,
    count: number,
  ): void {
    const source = this.#offset(from, fromHead, fromRow);
    const end = source + count * this.shape.headDim;
    const target = this.#offset(to, toHead, toRow);
    copyFloats(from.keys, source, end, to.keys, target);
    copyFloats(from.values, source, end, to.values, target);
  }
}

/** Below this many floats, a loop is faster than the views that `set` needs. */
const fewFloats = 512;

function copyFloats(
  from: Float32Array,
  source: number,
  end: number,
  to: Float32Array,
  target: number,
): void {
  if (from === to) to.copyWithin(target, source, end);
  else if (end - source > fewFloats) to.set(from.subarray(source, end), target);
  else for (let i = source, j = target; i < end; i++, j++) to[j] = from[i];
}

/** Calls `visit` for each run of consecutive rows among `indices` (all `rows` when left out). */
function eachRun(
  indices: Uint32Array | undefined,
  rows: number,
  visit: (first: number, to: number, count: number) => void,
): void {
  if (!indices) {
    if (rows > 0) visit(0, 0, rows);
    return;
  }
  for (let start = 0; start < indices.length; ) {
    let end = start + 1;
    while (end < indices.length && indices[end] === indices[end - 1] + 1) end++;
    visit(indices[start], start, end - start);
    start = end;
  }
}
