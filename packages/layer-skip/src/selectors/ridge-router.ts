import { parseOptions } from '@pliant/core';
import { type Calibration, needsCalibration } from '../calibration.js';
import type { LayerSelector } from '../selector.js';
import { layerRouter, type RouterNeeds } from './layer-router.js';

/**
 * Ridge regression of what skipping each layer costs on the prompt's features, shrunk towards the static greedy order: costs are natural
 * logarithms of KLs. Needs a calibration that has it.
 * @throws InvalidOptionsError where it has none
 */
export function ridgeRouter(options: {
  readonly calibration: Calibration;
}): LayerSelector<RouterNeeds> {
  const { calibration } = parseOptions('layer-skip, ridgeRouter', needsCalibration, options);
  return layerRouter('ridgeRouter', calibration, calibration.routers.ridge);
}
