// A generation that was loaded from a file may lack rows that no choice of this turn explains.
import type { CacheView, Capability, Run } from '@pliant/core';
import type { SkippedLayers } from './choose-layers.js';
import type { LayerSelector } from './selection/selector.js';

/**
 * The layers that lack the newest row: those that a sequence was decoded without. Layer 0 always
 * has it.
 */
export function skippedInCache(cache: CacheView): number[] {
  const newest = (layer: number) => cache.positions(layer, 0).at(-1) ?? -1;
  const last = newest(0);
  return Array.from({ length: cache.layers }, (_, layer) => layer).filter(
    (layer) => newest(layer) < last,
  );
}

/**
 * Adds the layers that a generation was saved without: they lack its rows, whatever is chosen now.
 */
export function withLackingLayers(run: Run, chosen: SkippedLayers): SkippedLayers {
  // After the first token, only a generation loaded from a file is still unsettled.
  if (!run.cache || run.generated.length < 2) return chosen;
  const lacking = skippedInCache(run.cache).filter((layer) => !chosen.layers.includes(layer));
  if (lacking.length === 0) return chosen;
  run.warn({
    type: 'degraded',
    feature: 'layers',
    details: `the generation was saved with layers skipped that are not chosen now: they lack its rows, and ${lacking.join(', ')} are skipped too`,
  });
  return { ...chosen, layers: [...chosen.layers, ...lacking] };
}

/** Reads the layers off the cache, because the prompt of a loaded generation is not known. */
export function layersOfCache(
  run: Run,
  { name, scales }: LayerSelector<Capability>,
): SkippedLayers {
  const layers = run.cache ? skippedInCache(run.cache) : [];
  const lost = layers.length === 0 ? 'every layer runs' : scales && 'skipped layers are not scaled';
  if (lost)
    run.warn({
      type: 'degraded',
      feature: 'selector',
      details: `${name} goes by the prompt, which was read before the generation was saved: ${lost}`,
    });
  return { layers };
}
