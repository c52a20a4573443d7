import { costsOfOrder, type LayerSelector } from '../selection/selector.js';

/**
 * Unified Layer Skipping (Liu et al. 2024, arXiv:2404.06954): the first and the last layer run, and
 * between them every i-th one, with i = floor(layers / (kept - 1)), from the lowest on until `kept`
 * layers run. With fewer than layers / 2 - 1 skipped i is 1, so that the layers before the last are
 * skipped. The paper trains the model for the set; nothing is trained here.
 */
export function unifiedSkipping(): LayerSelector {
  return {
    name: 'unified',
    requires: [],
    exactOnly: true,
    costs: (decoder, _, skip = 0) => {
      const { layers } = decoder.shape;
      return costsOfOrder(skippedLayers(layers, skip), layers);
    },
  };
}

/** @param skip 0 to layers - 2 */
function skippedLayers(layers: number, skip: number): number[] {
  const kept = layers - skip;
  const interval = Math.floor(layers / Math.max(1, kept - 1));
  const between = Array.from({ length: Math.max(0, layers - 2) }, (_, i) => i + 1);
  const running = between.filter((layer) => layer % interval === 0).slice(0, kept - 2);
  return kept < 2 ? [] : between.filter((layer) => !running.includes(layer));
}
