import { mockDecoder } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { PresetError } from '../preset-error.js';
import { makeMiddleware } from '../registry.js';
import { layerSkipEntry } from './layer-skip.js';

const decoder = mockDecoder();
const make = (options: object) => () => makeMiddleware('layer-skip', { ...options }, decoder);

describe('layerSkipEntry', () => {
  it('skips one layer where nothing says otherwise', () => {
    const defaults = (given: object) => layerSkipEntry.defaults({ ...given }, decoder);
    expect(defaults({})).toEqual({ skip: 1 });
    expect(defaults({ layers: [4] })).toEqual({});
    expect(defaults({ selector: 'promptInfluence', threshold: 0.03 })).toEqual({});
    expect(make({})).not.toThrow();
    expect(make({ layers: [4] })).not.toThrow();
  });

  it.each(['adaSkip', 'evenlySpread', 'promptInfluence', 'shortGPT', 'staticGreedy', 'unified'])(
    'takes the selector %s',
    (selector) => {
      expect(make({ selector, skip: 2 })).not.toThrow();
      expect(layerSkipEntry.options.safeParse({ selector, skip: 2 }).success).toBe(true);
    },
  );

  it('takes a threshold in the place of a number', () => {
    expect(make({ selector: 'promptInfluence', threshold: 0.03 })).not.toThrow();
  });

  it('refuses another selector, with those that there are', () => {
    for (const selector of ['best', 'toString']) {
      expect(make({ selector })).toThrow(PresetError);
      expect(make({ selector })).toThrow(
        `layer-skip.selector '${selector}' is not a selector; there are adaSkip, evenlySpread, promptInfluence, shortGPT, staticGreedy, unified`,
      );
      expect(layerSkipEntry.options.safeParse({ selector }).success).toBe(false);
    }
  });
});
