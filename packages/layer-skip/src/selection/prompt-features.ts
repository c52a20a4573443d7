import type { PromptEvidence } from './selector.js';

/**
 * Features of a prompt for routers: the block influences of all layers, the natural logarithm of
 * the prompt's tokens, and the mean normalised input of some layers.
 * @returns [layers + 1 + meanLayers x hidden]
 */
export function promptFeatures(
  { promptTokens, blockInfluences, hiddenMeans }: Required<PromptEvidence>,
  meanLayers: readonly number[],
): Float64Array {
  const { influences } = blockInfluences;
  const hidden = hiddenMeans.length / influences.length;
  const features = new Float64Array(influences.length + 1 + meanLayers.length * hidden);
  features.set(influences);
  features[influences.length] = Math.log(promptTokens);
  meanLayers.forEach((layer, place) => {
    const mean = hiddenMeans.subarray(layer * hidden, (layer + 1) * hidden);
    features.set(mean, influences.length + 1 + place * hidden);
  });
  return features;
}

/** Number of features that `promptFeatures` returns. */
export function featureCount(layers: number, hidden: number, meanLayers: number): number {
  return layers + 1 + meanLayers * hidden;
}
