import type { Calibration } from '@pliant/layer-skip';
import { weightsOf } from './ridge.js';
import type { Standardised } from './standardise.js';

export type LinearMap = NonNullable<Calibration['routers']['ridge']>;

/** Penalties tried, in units of the Gram matrix's mean diagonal. */
export const penalties = [0.03, 0.1, 0.3, 1, 3, 10, 30, 100];
/** How much of a prediction is believed; at 0 every prompt gets the static choice. */
export const shrinkages = [0, 0.25, 0.5, 0.75, 1];

/** The features of the prompts that something is fitted on. */
export interface TrainingFeatures extends Standardised {
  /** [n, n] */
  readonly gram: Float64Array;
  readonly meanLayers: readonly number[];
}

/**
 * The map of raw features that gives base[k] + shrinkage x (prediction of target k without its
 * mean).
 * @param base [K]
 * @param alphas [K][n]
 */
export function linearMap(
  { rows, centre, scale, meanLayers }: TrainingFeatures,
  base: readonly number[],
  alphas: readonly Float64Array[],
  shrinkage: number,
): LinearMap {
  const round = (value: number) => Number(value.toPrecision(6));
  const weights = alphas.map((alpha) =>
    weightsOf(alpha, rows).map((weight, d) => shrinkage * weight * scale[d]),
  );
  return {
    meanLayers: [...meanLayers],
    bias: base.map((value, k) =>
      round(value - weights[k].reduce((sum, weight, d) => sum + weight * centre[d], 0)),
    ),
    weights: weights.map((row) => Array.from(row, round)),
  };
}

/** The choice for a router, and its cost on the prompts it was fitted on, each left out in turn. */
export interface RouterChoice {
  readonly map: LinearMap;
  readonly penalty: number;
  readonly shrinkage: number;
  /** Mean cost of the sets that it chooses for prompts it was not fitted on. */
  readonly cost: number;
  /** Mean cost of the static choice on the same prompts. */
  readonly staticCost: number;
}
