import type { Capability } from '@pliant/core';
import { conformanceCases, mockDecoder } from '@pliant/core/testing';
import { describe, test } from 'vitest';
import type { z } from 'zod/v4';
import { layerSkip } from './layer-skip.js';
import { makeSelector, type SelectorName, type selectors } from './registry.js';
import { calibrationFor, constantMap } from './selection/calibration.test.support.js';
import type { LayerSelector } from './selection/selector.js';
import { staticGreedy } from './selectors/static-greedy.js';
import { withCompensation } from './selectors/with-compensation.js';

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

/** What each selector takes on a decoder of six layers. */
const samples: { readonly [Name in SelectorName]: z.input<(typeof selectors)[Name]['options']> } = {
  adaSkip: {},
  evenlySpread: {},
  firstRouter: { weights: rows(0.1), biases: new Array(layers).fill(0) },
  givenLayers: [3, 4],
  logisticRouter: { calibration },
  promptInfluence: {},
  ridgeRouter: { calibration },
  setRouter: { calibration },
  shortGPT: { calibration },
  staticGreedy: { calibration },
  unified: {},
};

const all: { readonly [name: string]: LayerSelector<Capability> } = {
  ...Object.fromEntries(
    Object.entries(samples).map(([name, options]) => [
      name,
      makeSelector(name as SelectorName, options),
    ]),
  ),
  'compensated staticGreedy': withCompensation(staticGreedy({ calibration })),
};

describe.each(Object.entries(all))('%s', (_, selector) => {
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
