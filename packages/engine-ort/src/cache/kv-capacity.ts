import type { KvBlock } from './kv-block.js';

/** What buffers grow within, ahead of the rows. */
export interface CapacityLimits {
  /** Rows a layer can have at most. */
  readonly maxPositions: number;
  /** Rows that are not exceeded while they suffice. Default `maxPositions`. */
  readonly maxRows?: number;
}

/** Rows added at least when a cache grows; above four times as many, it grows by a quarter. */
const growth = 64;

/** Unused rows that stay: more than a growth leaves, or a policy that drops a row each step would move the cache each step. */
const notWorthMoving = 96;

/** Capacity of a buffer that is made anew for `rows` rows because it was full. */
export function grown(rows: number, limits: CapacityLimits): number {
  return ahead(rows, Math.max(growth, rows >> 2), limits);
}

/** Capacity of a copy of `rows` rows. */
export function withSpare(rows: number, limits: CapacityLimits): number {
  return ahead(rows, growth, limits);
}

function ahead(
  rows: number,
  count: number,
  { maxPositions, maxRows = maxPositions }: CapacityLimits,
): number {
  const most = rows <= maxRows ? Math.min(maxRows, maxPositions) : maxPositions;
  return Math.max(rows, Math.min(most, rows + count));
}

/** Whether memory is to be given back: once a quarter of it is unused. */
export function worthMoving({ capacity }: KvBlock, wanted: number): boolean {
  return wanted * 4 <= capacity * 3 && capacity - wanted >= notWorthMoving;
}

/** Whether a block is as large as wanted. One that sequences share is as large as the largest of them needs. */
export function fits({ capacity, slots, users }: KvBlock, wanted: number): boolean {
  return users > 1 ? wanted <= capacity : wanted === capacity && slots === 1;
}
