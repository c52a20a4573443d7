import { type Decoder, InvalidOptionsError } from '@pliant/core';
import type { LinearMap } from './calibration.js';
import { evidenceOf } from './evidence-of.js';
import { featureCount, promptFeatures } from './prompt-features.js';
import type { PromptEvidence } from './selector.js';

/** [K], bias + weights x features of the prompt. */
export function applyLinearMap(
  { meanLayers, bias, weights }: LinearMap,
  evidence: PromptEvidence,
): number[] {
  const { promptTokens } = evidence;
  const hiddenMeans = evidenceOf('a router', evidence, 'hiddenMeans');
  const blockInfluences = evidenceOf('a router', evidence, 'blockInfluences');
  const features = promptFeatures({ promptTokens, hiddenMeans, blockInfluences }, meanLayers);
  return bias.map((start, row) => {
    const own = weights[row];
    let sum = start;
    for (let i = 0; i < features.length; i++) sum += own[i] * features[i];
    return sum;
  });
}

/**
 * @param rows K that is expected.
 * @throws InvalidOptionsError for a map of other shapes than the decoder's
 */
export function checkLinearMap(
  name: string,
  { meanLayers, bias, weights }: LinearMap,
  rows: number,
  { shape }: Decoder,
): void {
  const refuse = (path: string, message: string) =>
    new InvalidOptionsError(`layer-skip, ${name}`, [{ path, message }]);
  const beyond = meanLayers.findIndex((layer) => layer >= shape.layers);
  if (beyond >= 0) throw refuse(`meanLayers.${beyond}`, `there is no layer ${meanLayers[beyond]}`);
  const features = featureCount(shape.layers, shape.hidden, meanLayers.length);
  if (bias.length !== rows || weights.length !== rows)
    throw refuse('weights', `${weights.length} rows and ${bias.length} biases, not ${rows}`);
  const wrong = weights.findIndex((row) => row.length !== features);
  if (wrong >= 0)
    throw refuse(`weights.${wrong}`, `${weights[wrong].length} weights for ${features} features`);
}
