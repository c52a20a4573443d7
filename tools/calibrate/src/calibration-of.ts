import type { Calibration } from '@pliant/layer-skip';
import type { Fitted } from './calibrate.js';

/** The calibration that was fitted, with all routers. */
export function calibrationOf(
  model: Calibration['model'],
  { greedy, influences, aloneMeans, ridge, logistic, sets }: Fitted,
  ships: Calibration['ships'],
): Calibration {
  return {
    format: 'pliant-layer-skip',
    version: 1,
    model,
    order: greedy.map(({ layer }) => layer),
    influences: [...influences],
    leaveOneOut: [...aloneMeans],
    routers: {
      ridge: ridge.map,
      logistic: logistic.map,
      sets: sets.map(({ skip, sets: choices, map }) => ({
        skip,
        sets: choices.map((set) => [...set]),
        map,
      })),
    },
    ships,
  };
}

/**
 * With the router that ships, and no other: most of a file would be weights that nobody should use.
 */
export function onlyShipped(calibration: Calibration): Calibration {
  const { ridge, logistic, sets } = calibration.routers;
  const routers = {
    staticGreedy: {},
    ridgeRouter: { ridge },
    logisticRouter: { logistic },
    setRouter: { sets },
  }[calibration.ships];
  return { ...calibration, routers };
}
