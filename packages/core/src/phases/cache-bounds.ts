import type { CacheBounds } from '../contract/middleware.js';
import { guard } from '../turn/guard.js';
import { boundsSchema, checkResult } from '../turn/hook-results.js';
import type { Turn } from '../turn/turn.js';

/** Smallest chunk, in tokens, to which bounds may shrink a prefill. */
const leastChunk = 64;

export interface ReadingSizes {
  /** Tokens read in one forward of the prefill. */
  readonly chunkSize: number;
  /** The context: no cache holds more rows. */
  readonly maxPositions: number;
}

/** The tightest bounds of the middlewares; undefined where none bounds anything. */
export function boundsOf({ live }: Turn): CacheBounds | undefined {
  const all = live.installed.flatMap(({ name, hooks }) => {
    const bounds = guard(name, 'bounds', 0, () => hooks.bounds?.());
    return checkResult(boundsSchema, bounds, { middleware: name, phase: 'bounds', step: 0 }) ?? [];
  });
  if (all.length === 0) return undefined;
  const least = (rows: readonly (number | undefined)[]) => {
    const given = rows.filter((count) => count !== undefined);
    return given.length > 0 ? Math.min(...given) : undefined;
  };
  return {
    prefill: least(all.map(({ prefill }) => prefill)),
    beyond: Math.max(...all.map(({ beyond = 0 }) => beyond)),
    decode: least(all.map(({ decode }) => decode)),
    renumbers: all.some(({ renumbers, prefill }) => renumbers && prefill !== undefined),
  };
}

/** Rows to allocate for a first turn, and those that growing stays within, in later turns too. */
export function rowsToOpen(
  promptTokens: number,
  maxNewTokens: number,
  { chunkSize, maxPositions }: ReadingSizes,
  bounds: CacheBounds | undefined,
): { readonly rows: number; readonly maxRows?: number } {
  const { prefill, decode } = bounds ?? {};
  const reading = Math.min(promptTokens, (prefill ?? promptTokens) + chunkSize);
  // The length of the answer is not known yet: a part of it is allocated at once.
  const writing =
    decode === undefined
      ? Math.min(promptTokens, prefill ?? promptTokens) + Math.min(maxNewTokens, 256)
      : Math.min(promptTokens + maxNewTokens, decode);
  const rows = Math.min(maxPositions, Math.max(reading, writing));
  if (decode === undefined) return { rows };
  const read = prefill === undefined ? promptTokens : prefill + chunkSize;
  return { rows, maxRows: Math.min(maxPositions, Math.max(read, decode)) };
}

/**
 * Tokens of a chunk: less than `chunkSize` where the cache holds more rows than the bound on
 * reading leaves between chunks, or where a chunk would leave the context.
 * @param rows of the fullest layer, before anything is read
 */
export function boundedChunk(
  { chunkSize, maxPositions }: ReadingSizes,
  rows: number,
  { prefill, beyond = 0, renumbers }: CacheBounds = {},
): number {
  if (prefill === undefined) return chunkSize;
  const over = Math.max(0, rows - prefill) + beyond;
  const chunk = Math.max(Math.min(leastChunk, chunkSize), chunkSize - over);
  return renumbers ? Math.max(1, Math.min(chunk, maxPositions - 1 - prefill - over)) : chunk;
}
