import { InvalidOptionsError } from '@pliant/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod/v4';
import * as exported from './index.js';
import { makeSelector, type SelectorName, selectors } from './registry.js';
import type { Calibration } from './selection/calibration.js';
import type { AdaSkipOptions } from './selectors/ada-skip.js';
import type { FirstRouterWeights } from './selectors/first-router.js';
import type { ShortGPTOptions } from './selectors/short-gpt.js';
import type { StaticGreedyOptions } from './selectors/static-greedy.js';

type None = Readonly<Record<string, never>>;
interface Calibrated {
  readonly calibration: Calibration;
}

/** What each takes, as documented. */
interface Documented {
  readonly adaSkip: AdaSkipOptions;
  readonly evenlySpread: None;
  readonly firstRouter: FirstRouterWeights;
  readonly givenLayers: readonly number[];
  readonly logisticRouter: Calibrated;
  readonly promptInfluence: None;
  readonly ridgeRouter: Calibrated;
  readonly setRouter: Calibrated;
  readonly shortGPT: ShortGPTOptions;
  readonly staticGreedy: StaticGreedyOptions;
  readonly unified: None;
}

describe('the registry of selectors', () => {
  it('has schemas that take what is documented, and nothing else', () => {
    type Given = {
      readonly [Name in SelectorName]: Readonly<z.input<(typeof selectors)[Name]['options']>>;
    };
    expectTypeOf<Given>().toEqualTypeOf<Documented>();
  });

  it('lists every selector that the package exports', () => {
    const others = new Set([
      'layerSkip',
      'loadFirstRouter',
      'makeSelector',
      'outerLayers',
      'promptFeatures',
      'readCalibration',
      'withCompensation',
    ]);
    const functions = Object.entries(exported).flatMap(([name, value]) =>
      typeof value === 'function' && !others.has(name) ? [value] : [],
    );
    const listed = Object.values(selectors).map(({ make }) => make);
    expect(new Set<unknown>(listed)).toEqual(new Set(functions));
  });

  it.each([
    'adaSkip',
    'evenlySpread',
    'promptInfluence',
    'shortGPT',
    'staticGreedy',
    'unified',
  ] as const)('makes %s without options', (name) => {
    expect(makeSelector(name).name).toBe(name);
  });

  it('makes a selector of what it takes', () => {
    expect(makeSelector('givenLayers', [3, 4]).skip).toBe(2);
    expect(makeSelector('adaSkip', { compensate: false })).not.toHaveProperty('scales');
  });

  it.each([
    ['ridgeRouter', undefined, "layer-skip, ridgeRouter: option 'calibration'"],
    ['unified', { skip: 3 }, 'layer-skip, unified: Unrecognized key'],
    ['best', {}, 'makeSelector: Invalid option: expected one of "'],
    ['toString', {}, 'makeSelector: Invalid option'],
  ])('refuses %s with %j', (name, options, message) => {
    const making = () => makeSelector(name as SelectorName, options);
    expect(making).toThrow(InvalidOptionsError);
    expect(making).toThrow(message);
  });
});
