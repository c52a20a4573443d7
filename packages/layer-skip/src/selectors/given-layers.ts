import { checkLayers } from '../check-layers.js';
import { costsOfOrder, type LayerSelector } from '../selector.js';

/** Skips the given layers. @param layers from 0, each once; not 0, which always runs */
export function givenLayers(layers: readonly number[]): LayerSelector {
  return {
    name: 'givenLayers',
    requires: [],
    exactOnly: true,
    skip: layers.length,
    check: (decoder) => checkLayers('layers', layers, decoder.shape.layers, 'layer-skip'),
    costs: (decoder) => costsOfOrder(layers, decoder.shape.layers),
  };
}
