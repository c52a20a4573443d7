import { checkSkippedLayers, type Decoder, InvalidOptionsError, parseOptions } from '@pliant/core';
import {
  type Calibration,
  checkCalibration,
  needsCalibration,
  verifyCalibration,
} from '../selection/calibration.js';
import { missingRouter, type RouterNeeds } from '../selection/layer-router.js';
import { applyLinearMap, checkLinearMap } from '../selection/linear-map.js';
import { costsOfOrder, type LayerSelector } from '../selection/selector.js';

/**
 * Chooses among a few measured sets of `skip` layers, by a ridge regression of each set's KL on the
 * prompt's features: PuDDing (Wee et al. 2025, arXiv:2502.04348) with a linear map in the place of
 * BERT. Needs a calibration that has it, and a `skip` for which it has sets. Instead of protected
 * layers, the next ones of the static order are skipped, and after those the lowest.
 * @throws InvalidOptionsError if the calibration has none
 */
export function setRouter(options: {
  readonly calibration: Calibration;
}): LayerSelector<RouterNeeds> {
  const { calibration } = parseOptions('layer-skip, setRouter', needsCalibration, options);
  const { order, routers } = calibration;
  const { sets: choices } = routers;
  if (!choices) throw missingRouter('setRouter', calibration);
  const choiceOf = (skip: number | undefined) => {
    const choice = choices.find((one) => one.skip === skip);
    if (choice) return choice;
    const counts = choices.map((one) => one.skip).join(', ');
    throw new InvalidOptionsError('layer-skip', [
      { path: 'skip', message: `is ${skip}, and the setRouter has sets of ${counts} layers` },
    ]);
  };
  return {
    name: 'setRouter',
    requires: ['hidden.means', 'block.influences'],
    exactOnly: true,
    check: (decoder: Decoder, skip) => {
      checkCalibration(calibration, decoder);
      choiceOf(skip);
      const where = 'layer-skip, setRouter';
      for (const { skip: count, sets, map } of choices) {
        checkLinearMap('setRouter', map, sets.length, decoder);
        for (const [at, set] of sets.entries()) {
          checkSkippedLayers(`sets.${at}`, set, decoder.shape.layers, where);
          if (set.length !== count)
            throw new InvalidOptionsError(where, [
              { path: `sets.${at}`, message: `has ${set.length} layers, not ${count}` },
            ]);
        }
      }
    },
    verify: (decoder) => verifyCalibration(calibration, decoder),
    costs: (decoder, evidence, skip) => {
      const { sets, map } = choiceOf(skip);
      const expected = applyLinearMap(map, evidence);
      const best = sets[expected.indexOf(Math.min(...expected))];
      const { layers } = decoder.shape;
      const ranked = new Set([...best, ...order, ...Array(layers).keys()]);
      return costsOfOrder([...ranked], layers);
    },
  };
}
