import { type Decoder, InvalidOptionsError, parseOptions } from '@pliant/core';
import {
  type Calibration,
  checkCalibration,
  mayHaveCalibration,
  verifyCalibration,
} from '../selection/calibration.js';
import { modelDefaults } from '../selection/model-defaults.js';
import { costsOfOrder, type LayerSelector } from '../selection/selector.js';

export interface StaticGreedyOptions {
  /** Default: the order in the model's descriptor, `decoder.defaults['layer-skip'].order`. */
  readonly calibration?: Calibration;
}

/**
 * Skips the static set that costs least, found greedily by the KL of whole sets: each layer is the
 * one whose addition raised the mean KL to the full model least (as SLEB does for perplexity, Song
 * et al. 2024, arXiv:2402.09025). The first k of the order are the set of k layers.
 */
export function staticGreedy(options: StaticGreedyOptions = {}): LayerSelector {
  const { calibration } = parseOptions('layer-skip, staticGreedy', mayHaveCalibration, options);
  const orderOf = (decoder: Decoder): readonly number[] => {
    const order = calibration?.order ?? modelDefaults(decoder)?.order;
    if (order) return order;
    throw new InvalidOptionsError('layer-skip, staticGreedy', [
      {
        path: 'calibration',
        message: `decoder '${decoder.id}' comes without a measured order; calibrate it, or skip without a selector`,
      },
    ]);
  };
  return {
    name: 'staticGreedy',
    requires: [],
    exactOnly: true,
    check: (decoder) => {
      if (calibration) checkCalibration(calibration, decoder);
      orderOf(decoder);
    },
    ...(calibration && { verify: (decoder: Decoder) => verifyCalibration(calibration, decoder) }),
    costs: (decoder) => costsOfOrder(orderOf(decoder), decoder.shape.layers),
  };
}
