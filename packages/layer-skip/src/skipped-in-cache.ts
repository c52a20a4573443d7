import type { CacheView } from '@pliant/core';

/**
 * The layers that lack the newest row: what a sequence that decoded with skipped layers shows of them, for one that was loaded from a file.
 * Layer 0 always has it.
 */
export function skippedInCache(cache: CacheView): number[] {
  const newest = (layer: number) => cache.positions(layer, 0).at(-1) ?? -1;
  const last = newest(0);
  return Array.from({ length: cache.layers }, (_, layer) => layer).filter(
    (layer) => newest(layer) < last,
  );
}
