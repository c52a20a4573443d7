import { randomStream } from '@pliant/core';
import {
  layerSkip,
  makeSelector,
  outerLayers,
  type SelectorName,
  withCompensation,
} from '@pliant/layer-skip';
import { selectorNames } from '@pliant/presets';
import type { Methods } from '../evaluate/mark-answers.js';

/** The first rows of the tables. */
const first: readonly SelectorName[] = ['staticGreedy', 'shortGPT', 'promptInfluence', 'adaSkip'];
const others = selectorNames.filter((name) => !first.includes(name));

/**
 * Every selector that needs no calibration of the caller's, and a control, in the order of the
 * tables. A budget is how many layers are skipped.
 */
export function skipsOf(layers: number): Methods {
  const select =
    (name: SelectorName): Methods[string] =>
    (skip) => [layerSkip({ selector: makeSelector(name), skip })];
  return {
    staticGreedy: select('staticGreedy'),
    'compensated staticGreedy': (skip) => [
      layerSkip({ selector: withCompensation(makeSelector('staticGreedy')), skip }),
    ],
    ...Object.fromEntries([...first, ...others].map((name) => [name, select(name)])),
    random: (skip, seed) => [layerSkip({ layers: randomLayers(layers, skip, seed) })],
  };
}

/**
 * `skip` different layers between the outer ones, which always run.
 * @throws RangeError where there are not so many
 */
export function randomLayers(layers: number, skip: number, seed: number): number[] {
  const outer = outerLayers(layers);
  const left = Array.from({ length: layers }, (_, layer) => layer).filter(
    (layer) => !outer.includes(layer),
  );
  if (skip > left.length) throw new RangeError(`${skip} of ${left.length} layers`);
  const random = randomStream(seed, `random layers ${skip}`);
  return Array.from({ length: skip }, () => left.splice(Math.floor(random() * left.length), 1)[0]);
}
