import { randomStream } from '@pliant/core';
import {
  adaSkip,
  evenlySpread,
  layerSkip,
  outerLayers,
  promptInfluence,
  shortGPT,
  staticGreedy,
  unifiedSkipping,
  withCompensation,
} from '@pliant/layer-skip';
import type { Methods } from '../evaluate/mark-answers.js';

/** Every way of skipping layers but `full`, in the order of the tables; a line each. A budget is how many are skipped. */
export function skipsOf(layers: number): Methods {
  return {
    staticGreedy: (skip) => [layerSkip({ selector: staticGreedy(), skip })],
    'compensated staticGreedy': (skip) => [
      layerSkip({ selector: withCompensation(staticGreedy()), skip }),
    ],
    shortGPT: (skip) => [layerSkip({ selector: shortGPT(), skip })],
    promptInfluence: (skip) => [layerSkip({ selector: promptInfluence(), skip })],
    adaSkip: (skip) => [layerSkip({ selector: adaSkip(), skip })],
    evenlySpread: (skip) => [layerSkip({ selector: evenlySpread(), skip })],
    unified: (skip) => [layerSkip({ selector: unifiedSkipping(), skip })],
    random: (skip, seed) => [layerSkip({ layers: randomLayers(layers, skip, seed) })],
  };
}

/** `skip` different layers between the outer ones, which always run. @throws RangeError where there are not so many */
export function randomLayers(layers: number, skip: number, seed: number): number[] {
  const outer = outerLayers(layers);
  const left = Array.from({ length: layers }, (_, layer) => layer).filter(
    (layer) => !outer.includes(layer),
  );
  if (skip > left.length) throw new RangeError(`${skip} of ${left.length} layers`);
  const random = randomStream(seed, `random layers ${skip}`);
  return Array.from({ length: skip }, () => left.splice(Math.floor(random() * left.length), 1)[0]);
}
