import { parseOptions } from '@pliant/core';
import { type Calibration, needsCalibration } from '../selection/calibration.js';
import { layerRouter, type RouterNeeds } from '../selection/layer-router.js';
import type { LayerSelector } from '../selection/selector.js';

/**
 * Logistic regression of whether a layer is among the cheapest for a prompt, with the layer's
 * frequency among them as offset: costs are the log-odds that it is not. Needs a calibration that
 * has it.
 * @throws InvalidOptionsError if the calibration has none
 */
export function logisticRouter(options: {
  readonly calibration: Calibration;
}): LayerSelector<RouterNeeds> {
  const { calibration } = parseOptions('layer-skip, logisticRouter', needsCalibration, options);
  return layerRouter('logisticRouter', calibration, calibration.routers.logistic);
}
