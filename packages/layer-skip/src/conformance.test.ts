import type { Capability } from '@pliant/core';
import { conformanceCases, mockDecoder } from '@pliant/core/testing';
import { describe, test } from 'vitest';
import { layerSkip } from './layer-skip.js';
import { calibrationFor, constantMap } from './selection/calibration.test.support.js';
import type { LayerSelector } from './selection/selector.js';
import { adaSkip } from './selectors/ada-skip.js';
import { compensated } from './selectors/compensated.js';
import { evenlySpread } from './selectors/evenly-spread.js';
import { firstRouter } from './selectors/first-router.js';
import { givenLayers } from './selectors/given-layers.js';
import { logisticRouter } from './selectors/logistic-router.js';
import { promptInfluence } from './selectors/prompt-influence.js';
import { ridgeRouter } from './selectors/ridge-router.js';
import { setRouter } from './selectors/set-router.js';
import { shortGPT } from './selectors/short-gpt.js';
import { staticGreedy } from './selectors/static-greedy.js';
import { unified } from './selectors/unified.js';

const layers = 6;
const decoder = mockDecoder({ layers });
const map = constantMap(decoder, [9, 8, 7, 2, 3, 9]);
const calibration = await calibrationFor(decoder, {
  routers: {
    ridge: map,
    logistic: map,
    sets: [0, 2].map((skip) => ({
      skip,
      sets: [[3, 4].slice(0, skip)],
      map: constantMap(decoder, [0]),
    })),
  },
});
const rows = (value: number) =>
  Array.from({ length: layers }, () => new Float32Array(32).fill(value));

/** Every selector of this package, on a decoder of six layers. */
const selectors: { readonly [name: string]: LayerSelector<Capability> } = {
  givenLayers: givenLayers([3, 4]),
  evenlySpread: evenlySpread(),
  unified: unified(),
  shortGPT: shortGPT({ calibration }),
  staticGreedy: staticGreedy({ calibration }),
  promptInfluence: promptInfluence(),
  adaSkip: adaSkip(),
  'compensated staticGreedy': compensated(staticGreedy({ calibration })),
  ridgeRouter: ridgeRouter({ calibration }),
  logisticRouter: logisticRouter({ calibration }),
  setRouter: setRouter({ calibration }),
  firstRouter: firstRouter({ weights: rows(0.1), biases: new Array(layers).fill(0) }),
};

describe.each(Object.entries(selectors))('%s', (_, selector) => {
  const cases = conformanceCases({
    name: 'layer-skip',
    decoder: (options) => mockDecoder({ ...options, layers }),
    neutral: () => layerSkip({ selector, skip: 0 }),
    active: () => layerSkip({ selector, skip: 2 }),
    refuses: [() => layerSkip({ selector, skip: -1 })],
    losslessWithProposals: true,
  });
  for (const { name, run } of cases) test(name, run);
});

describe('without a selector', () => {
  const cases = conformanceCases({
    name: 'layer-skip',
    neutral: () => layerSkip({ skip: 0 }),
    active: () => layerSkip({ layers: [2], laterTurns: 'skip', freeSkipped: true }),
    refuses: [() => layerSkip({ skip: -1 })],
    losslessWithProposals: true,
  });
  for (const { name, run } of cases) test(name, run);
});
