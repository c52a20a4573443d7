import { parseOptions } from '@pliant/core';
import { type Calibration, needsCalibration } from '../selection/calibration.js';
import { layerRouter, type RouterNeeds } from '../selection/layer-router.js';
import type { LayerSelector } from '../selection/selector.js';

/**
 * Ridge regression of what skipping each layer costs on the prompt's features, shrunk towards the
 * static greedy order: costs are natural logarithms of KLs. Needs a calibration that has it.
 * @throws InvalidOptionsError if the calibration has none
 */
export function ridgeRouter(options: {
  readonly calibration: Calibration;
}): LayerSelector<RouterNeeds> {
  const { calibration } = parseOptions('layer-skip, ridgeRouter', needsCalibration, options);
  return layerRouter('ridgeRouter', calibration, calibration.routers.ridge);
}
