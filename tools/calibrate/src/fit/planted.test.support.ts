import { normal } from '@pliant/shared/statistics';
import type { TrainingFeatures } from './fit-linear.js';
import { gramMatrix, standardise } from './standardise.js';

/** Features of n prompts, standard normal. */
export function randomFeatures(n: number, width: number, stream: string): Float64Array[] {
  const draw = normal(stream);
  return Array.from({ length: n }, () => Float64Array.from({ length: width }, draw));
}

export function trainingFeatures(raw: readonly Float64Array[]): TrainingFeatures {
  const standardised = standardise(raw, [raw[0].length]);
  return { ...standardised, gram: gramMatrix(standardised.rows), meanLayers: [] };
}

/**
 * Costs of skipping each of 12 layers, for n prompts: log-normal with noise; the first feature says
 * which half of the layers is cheap for a prompt.
 * @param signal how much of the logarithm it moves; 0: nothing of a prompt shows in its features
 */
export function plantedCosts(
  features: readonly Float64Array[],
  signal: number,
  stream: string,
): number[][] {
  const draw = normal(stream);
  return features.map(([first]) => [
    0,
    ...Array.from({ length: 11 }, (_, i) =>
      Math.exp(-2 + 0.05 * i + signal * first * (i % 2 === 0 ? 1 : -1) + 0.3 * draw()),
    ),
  ]);
}
