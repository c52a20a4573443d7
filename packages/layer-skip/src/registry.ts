import { type Capability, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import { mayHaveCalibration, needsCalibration } from './selection/calibration.js';
import type { LayerSelector } from './selection/selector.js';
import { adaSkip, adaSkipOptions } from './selectors/ada-skip.js';
import { evenlySpread } from './selectors/evenly-spread.js';
import { firstRouter, firstRouterWeights } from './selectors/first-router.js';
import { givenLayers, layerList } from './selectors/given-layers.js';
import { logisticRouter } from './selectors/logistic-router.js';
import { promptInfluence } from './selectors/prompt-influence.js';
import { ridgeRouter } from './selectors/ridge-router.js';
import { setRouter } from './selectors/set-router.js';
import { shortGPT } from './selectors/short-gpt.js';
import { staticGreedy } from './selectors/static-greedy.js';
import { unifiedSkipping } from './selectors/unified-skipping.js';

/** A selector that can be made by name, with options from a command line, a file or a request. */
export interface SelectorEntry {
  /** Checks what the factory takes and fills in defaults. */
  readonly options: z.ZodType;
  /** Options that are read from files first: calibrations and weights. */
  readonly live: readonly string[];
  /** The selector's own factory. @param options what it takes */
  readonly make: (options: never) => LayerSelector<Capability>;
}

const noOptions = z.strictObject({});

/** Every selector by name. */
export const selectors = {
  adaSkip: entry(adaSkipOptions, adaSkip),
  evenlySpread: entry(noOptions, evenlySpread),
  firstRouter: entry(firstRouterWeights, firstRouter, ['weights', 'biases']),
  givenLayers: entry(layerList, givenLayers),
  logisticRouter: entry(needsCalibration, logisticRouter, ['calibration']),
  promptInfluence: entry(noOptions, promptInfluence),
  ridgeRouter: entry(needsCalibration, ridgeRouter, ['calibration']),
  setRouter: entry(needsCalibration, setRouter, ['calibration']),
  shortGPT: entry(mayHaveCalibration, shortGPT, ['calibration']),
  staticGreedy: entry(mayHaveCalibration, staticGreedy, ['calibration']),
  unified: entry(noOptions, unifiedSkipping),
} as const satisfies { readonly [name: string]: SelectorEntry };
export type SelectorName = keyof typeof selectors;

const nameSchema = z.enum(Object.keys(selectors) as SelectorName[]);

/**
 * Makes a selector by its name in `selectors`.
 *
 * ```ts
 * layerSkip({ selector: makeSelector('promptInfluence'), skip: 4 });
 * ```
 * @param options default: the selector's own defaults
 * @throws InvalidOptionsError if there is no such selector, or for an option that is wrong,
 * missing, or that the selector does not have
 */
export function makeSelector(name: SelectorName, options: unknown = {}): LayerSelector<Capability> {
  const known = parseOptions('makeSelector', nameSchema, name);
  const { options: schema, make }: SelectorEntry = selectors[known];
  return make(parseOptions(`layer-skip, ${name}`, schema, options) as never);
}

/** Infers the type of what `make` takes. */
function entry<Schema extends z.ZodType, Needs extends Capability>(
  options: Schema,
  make: (options: z.input<Schema>) => LayerSelector<Needs>,
  live: readonly string[] = [],
) {
  return { options, live, make };
}
