import type { MockDecoder } from '@pliant/core/testing';
import type { Calibration, LinearMap } from './calibration.js';
import { featureCount } from './prompt-features.js';

/**
 * A map that gives `bias` and ignores the prompt, but for what `set` puts into the weights [K][D].
 */
export function constantMap(
  { shape }: MockDecoder,
  bias: readonly number[],
  set: (weights: number[][]) => void = () => {},
): LinearMap {
  const features = featureCount(shape.layers, shape.hidden, 1);
  const weights = bias.map(() => new Array<number>(features).fill(0));
  set(weights);
  return { meanLayers: [1], bias: [...bias], weights };
}

export async function calibrationFor(
  decoder: MockDecoder,
  changes: Partial<Calibration> = {},
): Promise<Calibration> {
  const { layers, hidden } = decoder.shape;
  return {
    format: 'pliant-layer-skip',
    version: 1,
    model: { id: decoder.id, fingerprint: await decoder.fingerprint(), layers, hidden },
    order: [4, 2, 5],
    influences: Array.from({ length: layers }, (_, layer) => layer / 10),
    leaveOneOut: new Array(layers).fill(0),
    routers: {},
    ships: 'staticGreedy',
    ...changes,
  };
}
