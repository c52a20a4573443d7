import { type CacheEdit, type CacheView, InvalidOptionsError, type KeepEdit } from '@pliant/core';
import {
  type CachePositions,
  checkKeep,
  checkSaved,
  checkTruncate,
  type SavedCache,
} from '@pliant/core/engine';
import { refuseHuge } from '../memory/allocate.js';
import { type CapacityLimits, CapacityPlan } from './capacity-plan.js';
import type { KeyRotation } from './key-rotation.js';
import type { KeyRotations } from './key-rotations.js';
import { KvBlock, type KvShape } from './kv-block.js';
import { KvLayer } from './kv-layer.js';

export interface KvCacheOptions extends CapacityLimits {
  /** Rows to allocate at first, at most `maxPositions`. Default 0. */
  readonly firstRows?: number;
  /** For `renumber`. Default: no layer rotates its keys. */
  readonly rotations?: KeyRotations;
}

/** Keys and values of one sequence, row counts per layer. */
export class KvCache implements CacheView, CachePositions {
  readonly layers: number;
  readonly kvHeads: number;
  nextPosition = 0;
  lastPosition = -1;
  lastRotaryPosition = -1;
  /** Changes whenever a buffer moves. Anything prepared on the old buffers is then invalid. */
  version = 0;
  readonly #held: KvLayer[];
  /** Rotary position of a new row minus its position. */
  #rotaryOffset = 0;

  /** @throws OutOfMemoryError */
  constructor(
    private readonly shape: KvShape,
    private readonly options: KvCacheOptions,
    held?: KvLayer[],
    private readonly plan = new CapacityPlan(options, options.firstRows),
  ) {
    this.layers = shape.layers;
    this.kvHeads = shape.kvHeads;
    const { firstRows } = plan;
    refuseHuge(this.#bytesFor(firstRows), `A KV cache of ${firstRows} rows`);
    this.#held = held ?? Array.from({ length: shape.layers }, () => new KvLayer(shape));
  }

  get nextRotaryPosition(): number {
    return this.nextPosition + this.#rotaryOffset;
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
    return this.#held.reduce((sum, { block }) => sum + block.bytes / Math.max(1, block.users), 0);
  }

  layer(layer: number): KvLayer {
    return this.#held[layer];
  }

  /**
   * Makes room for `count` more rows in the layers that run.
   * @throws OutOfMemoryError with the cache unchanged
   */
  reserve(count: number, runs: (layer: number) => boolean): void {
    const wanted = this.#held.map(({ rows, capacity, isShared }, layer) => {
      if (runs(layer)) {
        if (rows + count > capacity) return this.plan.grown(rows + count);
        return isShared ? this.plan.unshared(capacity, rows + count) : 0;
      }
      // A skipped layer's cache is an input all the same, and no input is empty.
      return capacity === 0 ? 1 : 0;
    });
    this.#refuseHuge(wanted);
    wanted.forEach((capacity, layer) => {
      if (capacity > 0) this.#move(layer, capacity);
    });
  }

  /** Capacity of a layer for `rows` rows when its buffer must be replaced. */
  capacityFor(layer: number, rows: number): number {
    return this.plan.replaced(this.#held[layer].capacity, rows);
  }

  /** Counts the rows that a forward wrote. */
  append(positions: Int32Array, runs: (layer: number) => boolean): void {
    this.#held.forEach((held, layer) => {
      if (runs(layer)) held.append(positions, this.#rotaryOffset);
    });
    this.lastPosition = positions[positions.length - 1];
    this.lastRotaryPosition = this.lastPosition + this.#rotaryOffset;
    this.nextPosition = this.lastPosition + 1;
  }

  /** @throws InvalidOptionsError, OutOfMemoryError with the cache unchanged */
  edit(edit: CacheEdit): void {
    if ('truncate' in edit) this.#truncate(edit.truncate);
    else this.#keep(edit);
  }

  /**
   * Returns a copy that shares the rows. When either is written to, only the writer's rows are
   * copied.
   */
  share(): KvCache {
    return this.#copyWith(
      this.#held.map((layer) => layer.share()),
      this.plan.fork(),
    );
  }

  /** Whether both share all their rows, and their next rows have the same positions. */
  sharesAll(other: KvCache): boolean {
    return (
      this.nextPosition === other.nextPosition &&
      this.nextRotaryPosition === other.nextRotaryPosition &&
      this.#held.every((layer, at) => layer.sharesAll(other.layer(at)))
    );
  }

  /** Gives up rows that are shared with another cache, until `rejoin`. */
  leave(): void {
    for (const layer of this.#held) layer.leave();
  }

  /**
   * Undoes `leave()`: shares all rows of `other` again. If `other` has gained a row since, call
   * `append()` next.
   */
  rejoin(other: KvCache): void {
    let moved = false;
    this.#held.forEach((layer, at) => {
      if (layer.rejoin(other.layer(at))) moved = true;
    });
    if (moved) this.version++;
  }

  /**
   * Returns a copy of the rows that `edit` keeps, in buffers of its own. They have some spare rows
   * if `edit` does not say how many follow.
   * @throws InvalidOptionsError, OutOfMemoryError
   */
  copy(edit: KeepEdit): KvCache {
    const kept = checkKeep('engine-ort, fork', this, edit);
    const capacities = kept.map(([{ length }]) => this.plan.copied(length, edit));
    this.#refuseHuge(capacities);
    const rotations = edit.renumber && this.#loadRotations();
    const copy = this.#copyWith(
      this.#held.map((layer, at) => layer.copy(capacities[at], kept[at])),
      this.plan.fork(edit),
    );
    copy.#number(edit, rotations);
    return copy;
  }

  /** A cache like this one. */
  #copyWith(held: KvLayer[], plan: CapacityPlan): KvCache {
    const copy = new KvCache(this.shape, this.options, held, plan);
    copy.nextPosition = this.nextPosition;
    copy.#rotaryOffset = this.#rotaryOffset;
    copy.#findLast();
    return copy;
  }

  save(): SavedCache {
    return {
      nextPosition: this.nextPosition,
      nextRotaryPosition: this.nextRotaryPosition,
      layers: this.#held.map((layer) => layer.save()),
    };
  }

  /**
   * Fills an empty cache.
   * @throws InvalidOptionsError, OutOfMemoryError with the cache unchanged
   */
  restore(saved: SavedCache): void {
    const where = 'engine-ort, restore';
    if (this.nextPosition > 0)
      throw new InvalidOptionsError(where, [
        { path: '', message: 'rows were read into this sequence; open a new one' },
      ]);
    checkSaved(where, saved, { ...this.shape, maxPositions: this.options.maxPositions });
    const capacities = saved.layers.map(({ rows }) => this.plan.grown(rows));
    this.#refuseHuge(capacities);
    capacities.forEach((capacity, layer) => {
      this.#move(layer, capacity);
    });
    saved.layers.forEach((layer, at) => {
      this.#held[at].restore(layer);
    });
    this.nextPosition = saved.nextPosition;
    this.#rotaryOffset = saved.nextRotaryPosition - saved.nextPosition;
    this.#findLast();
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

  #refuseHuge(capacities: readonly number[]): void {
    refuseHuge(
      this.#bytesFor(1) * capacities.reduce((sum, rows) => sum + rows / this.layers, 0),
      `A KV cache of ${Math.max(...capacities)} rows`,
    );
  }

  #keep(edit: KeepEdit): void {
    const kept = checkKeep('engine-ort, edit', this, edit);
    const { refeed = 0, rowsAhead = 0 } = edit;
    // A row that is fed again needs a place.
    const capacities = kept.map(([rows]) => rows.length + refeed + rowsAhead);
    this.#refuseHuge(capacities);
    const rotations = edit.renumber && this.#loadRotations();
    kept.forEach((heads, layer) => {
      const held = this.#held[layer];
      if (held.isShared) this.#separate(layer, heads, this.plan.copied(heads[0].length, edit));
      else held.compact(heads);
    });
    this.#findLast();
    this.#number(edit, rotations);
    this.plan.edited(edit);
    capacities.forEach((capacity, layer) => {
      if (!this.plan.shouldMove(this.#held[layer].block, capacity)) return;
      this.#move(layer, capacity);
      this.plan.released();
    });
  }

  /** Keeps rows of a layer that shares its buffer in one of its own. */
  #separate(layer: number, heads: readonly Uint32Array[], capacity: number): void {
    const shared = this.#held[layer];
    this.#held[layer] = shared.copy(capacity, heads);
    shared.close();
    this.version++;
  }

  #loadRotations(): readonly (KeyRotation | undefined)[] {
    return this.options.rotations?.(this.nextRotaryPosition) ?? [];
  }

  /** Numbers the rows that an edit kept, and the next row. */
  #number(
    { refeed = 0 }: KeepEdit,
    rotations: readonly (KeyRotation | undefined)[] | undefined,
  ): void {
    if (refeed) this.#backTo(this.nextPosition - refeed);
    if (!rotations) return;
    const most = Math.max(...this.#held.map(({ rows }) => rows));
    // Row by row, since all layers turn the same row by the same rotation.
    for (let to = 0; to < most; to++)
      this.#held.forEach((held, layer) => {
        const row = to - most + held.rows;
        if (row >= 0) held.turn(row, to, rotations[layer]);
      });
    this.lastRotaryPosition = most - 1;
    this.#rotaryOffset = most - this.nextPosition;
  }

  /**
   * Moves the next rotary position back as far as the next position, but not onto a row that is
   * left.
   */
  #backTo(position: number): void {
    this.nextPosition = position;
    this.#rotaryOffset = Math.max(this.#rotaryOffset, this.lastRotaryPosition + 1 - position);
  }

  #truncate(position: number): void {
    const left = checkTruncate('engine-ort, edit', this, position);
    left.forEach((rows, layer) => {
      this.#held[layer].rows = rows;
    });
    this.#findLast();
    this.#backTo(position);
  }

  #findLast(): void {
    this.lastPosition = -1;
    this.lastRotaryPosition = -1;
    for (const held of this.#held)
      for (let head = 0; head < this.kvHeads; head++) {
        this.lastPosition = Math.max(this.lastPosition, held.positions(head).at(-1) ?? -1);
        this.lastRotaryPosition = Math.max(
          this.lastRotaryPosition,
          held.rotaryPositions(head).at(-1) ?? -1,
        );
      }
  }
}
