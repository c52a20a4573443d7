import { type Decoder, InvalidOptionsError, parseOptions } from '@pliant/core';
import {
  type Calibration,
  checkCalibration,
  mayHaveCalibration,
  verifyCalibration,
} from '../selection/calibration.js';
import { modelDefaults } from '../selection/model-defaults.js';
import { type LayerSelector, outerLayers } from '../selection/selector.js';

export interface ShortGPTOptions {
  /**
   * Default: the influences in the model's descriptor, `decoder.defaults['layer-skip'].influences`.
   */
  readonly calibration?: Calibration;
}

/**
 * Skips the layers that change the hidden state least on calibration prompts (ShortGPT, Men et al.
 * 2024, arXiv:2403.03853). Costs are mean block influences, 0 to 2. Differs from the paper in that
 * the layers are skipped while decoding only.
 */
export function shortGPT(options: ShortGPTOptions = {}): LayerSelector {
  const { calibration } = parseOptions('layer-skip, shortGPT', mayHaveCalibration, options);
  const influencesOf = (decoder: Decoder): readonly number[] => {
    const influences = calibration?.influences ?? modelDefaults(decoder)?.influences;
    if (influences?.length === decoder.shape.layers) return influences;
    throw new InvalidOptionsError('layer-skip, shortGPT', [
      {
        path: 'calibration',
        message: `decoder '${decoder.id}' has no measured influences of its ${decoder.shape.layers} layers; calibrate it`,
      },
    ]);
  };
  return {
    name: 'shortGPT',
    requires: [],
    protects: outerLayers,
    check: (decoder) => {
      if (calibration) checkCalibration(calibration, decoder);
      influencesOf(decoder);
    },
    ...(calibration && { verify: (decoder: Decoder) => verifyCalibration(calibration, decoder) }),
    costs: influencesOf,
  };
}
