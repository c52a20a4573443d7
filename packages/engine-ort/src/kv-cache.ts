import {
  type CacheEdit,
  type CacheView,
  InvalidOptionsError,
  type KeepEdit,
  keptRows,
} from '@pliant/core';
import { refuseHuge } from './allocate.js';
import { KvBlock, type KvShape } from './kv-block.js';
import { KvLayer } from './kv-layer.js';

/** Rows added at least when a cache grows; above four times as many, it grows by a quarter. */
const growth = 64;

/** Unused rows that stay: more than a growth leaves, or a policy that drops a row each step would move the cache each step. */
const notWorthMoving = 96;

const refuse = (path: string, message: string) =>
  new InvalidOptionsError('engine-ort, edit', [{ path, message }]);

/** Keys and values of one sequence, row counts per layer. */
export class KvCache implements CacheView {
  readonly layers: number;
  readonly kvHeads: number;
  nextPosition = 0;
  /** The largest position of any row; -1 when there is none. */
  lastPosition = -1;
  /** Changes whenever a buffer moves: what was prepared on the old ones is void. */
  version = 0;
  readonly #held: readonly KvLayer[];
  /** Rows to allocate at first; 0 once memory was given back, so that the next growth does not take it again. */
  #firstRows: number;

  /**
   * @param maxPositions rows a layer can have at most: a hint above is cut
   * @throws OutOfMemoryError
   */
  constructor(
    private readonly shape: KvShape,
    private readonly maxPositions: number,
    firstRows: number,
    held?: readonly KvLayer[],
  ) {
    this.layers = shape.layers;
    this.kvHeads = shape.kvHeads;
    this.#firstRows = Math.min(firstRows, maxPositions);
    refuseHuge(this.#bytesFor(this.#firstRows), `A KV cache of ${this.#firstRows} rows`);
    this.#held = held ?? Array.from({ length: shape.layers }, () => new KvLayer(shape));
  }

  rows(layer: number): number {
    return this.#held[layer].rows;
  }

  positions(layer: number, kvHead: number): Int32Array {
    return this.#held[layer].positions(kvHead);
  }

  keys(layer: number): Float32Array {
    return this.#held[layer].packed('keys');
  }

  values(layer: number): Float32Array {
    return this.#held[layer].packed('values');
  }

  get bytes(): number {
    return this.#held.reduce((sum, { block }) => sum + block.bytes / block.users, 0);
  }

  layer(layer: number): KvLayer {
    return this.#held[layer];
  }

  /** Room for `count` more rows in the layers that run. @throws OutOfMemoryError with the cache as it was */
  reserve(count: number, runs: (layer: number) => boolean): void {
    const wanted = this.#held.map(({ rows, capacity }, layer) => {
      if (runs(layer)) return rows + count > capacity ? this.grown(rows + count) : 0;
      // A skipped layer's cache is an input all the same, and no input is empty.
      return capacity === 0 ? 1 : 0;
    });
    refuseHuge(
      this.#bytesFor(1) * wanted.reduce((sum, rows) => sum + rows / this.layers, 0),
      `A KV cache of ${Math.max(...wanted)} rows`,
    );
    wanted.forEach((capacity, layer) => {
      if (capacity > 0) this.#move(layer, capacity);
    });
  }

  /** Capacity for `rows` rows when a buffer must be made anew. */
  grown(rows: number): number {
    if (rows <= this.#firstRows) return this.#firstRows;
    return Math.max(rows, Math.min(this.maxPositions, rows + Math.max(growth, rows >> 2)));
  }

  /** Counts the rows that a forward wrote. */
  append(positions: Int32Array, runs: (layer: number) => boolean): void {
    this.#held.forEach((held, layer) => {
      if (runs(layer)) held.append(positions);
    });
    this.lastPosition = positions[positions.length - 1];
    this.nextPosition = this.lastPosition + 1;
  }

  /** @throws InvalidOptionsError with the cache as it was */
  edit(edit: CacheEdit): void {
    if ('truncate' in edit) this.#truncate(edit.truncate);
    else this.#keep(edit);
    this.#findLastPosition();
  }

  /** A copy of its own, with room for some more rows. @throws OutOfMemoryError */
  copy(): KvCache {
    const held = this.#held.map((layer) => layer.copy(layer.rows + growth));
    const copy = new KvCache(this.shape, this.maxPositions, this.#firstRows, held);
    copy.nextPosition = this.nextPosition;
    copy.lastPosition = this.lastPosition;
    return copy;
  }

  close(): void {
    this.version++;
    for (const layer of this.#held) layer.close();
  }

  #bytesFor(rows: number): number {
    const { layers, kvHeads, headDim } = this.shape;
    return 2 * layers * kvHeads * rows * headDim * Float32Array.BYTES_PER_ELEMENT;
  }

  #move(layer: number, capacity: number): void {
    this.#held[layer].moveTo(new KvBlock(this.shape, 1, capacity), 0);
    this.version++;
  }

  #keep(edit: KeepEdit): void {
    const kept = this.#held.map((_, layer) => this.#checkKeep(edit, layer));
    kept.forEach((keep, layer) => {
      this.#held[layer].compact(keep);
    });
    if (edit.refeed) this.nextPosition--;
    this.#held.forEach((held, layer) => {
      // Memory goes back once a quarter of it is unused; a row that is fed again has its place.
      const capacity = held.rows + (edit.refeed ?? 0);
      if (capacity * 4 > held.capacity * 3 || held.capacity - capacity < notWorthMoving) return;
      this.#move(layer, capacity);
      this.#firstRows = 0;
    });
  }

  #checkKeep(edit: KeepEdit, layer: number): Uint32Array[] {
    const heads = keptRows(this, layer, edit, refuse);
    heads.forEach((indices, head) => {
      const last = indices.length > 0 ? this.positions(layer, head)[indices.at(-1)!] : -1;
      if (edit.refeed && last >= this.nextPosition - 1)
        throw refuse(
          `keep(${layer}, ${head})`,
          'with refeed the row of the last token must not be kept',
        );
    });
    return heads;
  }

  #truncate(position: number): void {
    if (!Number.isInteger(position) || position < 0 || position > this.nextPosition)
      throw refuse('truncate', `${position} is not a position from 0 to ${this.nextPosition}`);
    const left = this.#held.map((_, layer) => {
      const counts = Array.from({ length: this.kvHeads }, (__, head) =>
        rowsBefore(this.positions(layer, head), position),
      );
      if (counts.some((count) => count !== counts[0]))
        throw refuse(
          'truncate',
          `before position ${position} the KV heads of layer ${layer} hold ${counts.join(' and ')} rows: their counts must stay equal`,
        );
      return counts[0];
    });
    left.forEach((rows, layer) => {
      this.#held[layer].rows = rows;
    });
    this.nextPosition = position;
  }

  #findLastPosition(): void {
    this.lastPosition = -1;
    for (let layer = 0; layer < this.layers; layer++)
      for (let head = 0; head < this.kvHeads; head++)
        this.lastPosition = Math.max(this.lastPosition, this.positions(layer, head).at(-1) ?? -1);
  }
}

/** How many of the ascending positions are below `position`. */
function rowsBefore(positions: Int32Array, position: number): number {
  let count = positions.length;
  while (count > 0 && positions[count - 1] >= position) count--;
  return count;
}
