import { costsOfOrder, type LayerSelector, outerLayers } from '../selection/selector.js';

/**
 * Skips layers evenly spread between the first three and the last, which always run. For models
 * without measurements.
 */
export function evenlySpread(): LayerSelector {
  return {
    name: 'evenlySpread',
    requires: [],
    exactOnly: true,
    protects: outerLayers,
    costs: (decoder, _, skip = 0) => {
      const { layers } = decoder.shape;
      const candidates = Array.from({ length: layers }, (__, layer) => layer).filter(
        (layer) => !outerLayers(layers).includes(layer),
      );
      const count = Math.min(skip, candidates.length);
      const middles = Array.from({ length: count }, (__, part) =>
        Math.floor(((part + 0.5) * candidates.length) / count),
      );
      return costsOfOrder(
        middles.map((at) => candidates[at]),
        layers,
      );
    },
  };
}
