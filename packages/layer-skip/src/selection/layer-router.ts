import { InvalidOptionsError } from '@pliant/core';
import {
  type Calibration,
  checkCalibration,
  type LinearMap,
  verifyCalibration,
} from './calibration.js';
import { applyLinearMap, checkLinearMap } from './linear-map.js';
import type { LayerSelector } from './selector.js';

export type RouterNeeds = 'hidden.means' | 'block.influences';

/**
 * A selector whose costs are a linear map of the prompt's features, a row for each layer.
 * @throws InvalidOptionsError without a map
 */
export function layerRouter(
  name: string,
  calibration: Calibration,
  map: LinearMap | undefined,
): LayerSelector<RouterNeeds> {
  if (!map) throw missingRouter(name, calibration);
  return {
    name,
    requires: ['hidden.means', 'block.influences'],
    check: (decoder) => {
      checkCalibration(calibration, decoder);
      checkLinearMap(name, map, decoder.shape.layers, decoder);
    },
    verify: (decoder) => verifyCalibration(calibration, decoder),
    costs: (_, evidence) => applyLinearMap(map, evidence),
  };
}

export function missingRouter(name: string, { model, ships }: Calibration): InvalidOptionsError {
  const message = `that of '${model.id}' has no such router; it recommends ${ships}`;
  return new InvalidOptionsError(`layer-skip, ${name}`, [{ path: 'calibration', message }]);
}
