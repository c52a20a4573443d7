import type { KeepEdit } from '@pliant/core';
import type { KvBlock } from './kv-block.js';

/** Limits of how far buffers grow ahead of the rows. */
export interface CapacityLimits {
  /** Most rows that a layer can have. */
  readonly maxPositions: number;
  /** Capacity that is not exceeded while it suffices. Default `maxPositions`. */
  readonly maxRows?: number;
}

/** Fewest rows that a growth adds. Above four times as many rows, a cache grows by a quarter. */
const growth = 64;

/**
 * Unused rows that do not make a cache move. More than a growth leaves: a policy that drops a row
 * each step would otherwise move the cache each step.
 */
const notWorthMoving = 96;

/** Decides how large the buffers of a cache are to be, in rows. It allocates nothing. */
export class CapacityPlan {
  /**
   * Capacity of the first buffers. It is 0 once memory was given back, so the next growth does not
   * take it again.
   */
  #firstRows: number;
  /**
   * True if the last edit said how many rows follow. Buffers then keep exactly this capacity while
   * it suffices.
   */
  #isExact = false;

  /** @param firstRows capacity of the first buffers, at most `limits.maxPositions`. Default 0 */
  constructor(
    private readonly limits: CapacityLimits,
    firstRows = 0,
  ) {
    this.#firstRows = Math.min(firstRows, limits.maxPositions);
  }

  get firstRows(): number {
    return this.#firstRows;
  }

  /** Capacity for `rows` rows when a buffer is full. */
  grown(rows: number): number {
    if (rows <= this.#firstRows) return this.#firstRows;
    return this.#ahead(rows, Math.max(growth, rows >> 2));
  }

  /** Capacity for `rows` rows when a buffer of this capacity is replaced without being full. */
  replaced(capacity: number, rows: number): number {
    return this.#isExact && rows <= capacity ? capacity : this.grown(rows);
  }

  /**
   * Capacity for `rows` rows when a sequence leaves a shared buffer of this capacity for its own.
   */
  unshared(capacity: number, rows: number): number {
    return this.#isExact ? capacity : this.#ahead(rows, growth);
  }

  /** Capacity for a copy of the `rows` rows that an edit keeps. */
  copied(rows: number, { refeed = 0, rowsAhead }: KeepEdit): number {
    return rowsAhead === undefined ? this.#ahead(rows, growth) : rows + refeed + rowsAhead;
  }

  /**
   * Whether rows move to a buffer of `wanted` rows after an edit. Call `edited` with the edit
   * first.
   */
  shouldMove({ capacity, slots, users }: KvBlock, wanted: number): boolean {
    // At least a quarter of the buffer is unused.
    if (!this.#isExact) return wanted * 4 <= capacity * 3 && capacity - wanted >= notWorthMoving;
    // A block that sequences share is as large as the largest of them needs.
    return users > 1 ? wanted > capacity : wanted !== capacity || slots !== 1;
  }

  /** Records an edit, which may say how many rows follow. */
  edited({ rowsAhead }: KeepEdit): void {
    this.#isExact = rowsAhead !== undefined;
    if (this.#isExact) this.released();
  }

  /** Records that memory was given back. */
  released(): void {
    this.#firstRows = 0;
  }

  /** The plan of a copy of the cache. @param edit what the copy keeps. Default: all rows */
  fork(edit?: KeepEdit): CapacityPlan {
    const plan = new CapacityPlan(this.limits, this.#firstRows);
    plan.#isExact = this.#isExact;
    if (edit) plan.edited(edit);
    return plan;
  }

  #ahead(rows: number, count: number): number {
    const { maxPositions, maxRows = maxPositions } = this.limits;
    const most = rows <= maxRows ? Math.min(maxRows, maxPositions) : maxPositions;
    return Math.max(rows, Math.min(most, rows + count));
  }
}
