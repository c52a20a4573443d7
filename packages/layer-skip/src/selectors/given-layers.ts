import { checkSkippedLayers, parseArguments } from '@pliant/core';
import { z } from 'zod/v4';
import { costsOfOrder, type LayerSelector } from '../selection/selector.js';

export const layerList = z.array(z.int()).readonly();
const argumentsSchema = z.strictObject({ layers: layerList });

/** Skips the given layers. @param layers from 0, each once; not 0, which always runs */
export function givenLayers(layers: readonly number[]): LayerSelector {
  parseArguments('givenLayers', argumentsSchema, { layers });
  return {
    name: 'givenLayers',
    requires: [],
    exactOnly: true,
    skip: layers.length,
    check: (decoder) => checkSkippedLayers('layers', layers, decoder.shape.layers, 'layer-skip'),
    costs: (decoder) => costsOfOrder(layers, decoder.shape.layers),
  };
}
