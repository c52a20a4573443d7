import { layerSkip } from '@pliant/layer-skip';
import { describe, expect, it } from 'vitest';
import { layerSkipOptions } from './layer-skip-options.js';
import { UsageError } from './usage-error.js';

describe('layerSkipOptions', () => {
  it('skips one layer where nothing says otherwise', () => {
    expect(layerSkipOptions({})).toEqual({ skip: 1 });
    expect(layerSkipOptions({ skip: 4 })).toEqual({ skip: 4 });
    expect(layerSkipOptions({ layers: [4] })).toEqual({ layers: [4] });
  });

  it.each(['adaSkip', 'evenlySpread', 'promptInfluence', 'shortGPT', 'staticGreedy', 'unified'])(
    'takes the selector %s',
    (selector) => {
      expect(() => layerSkip(layerSkipOptions({ selector, skip: 2 }))).not.toThrow();
    },
  );

  it('takes a threshold in the place of a number', () => {
    const options = layerSkipOptions({ selector: 'promptInfluence', threshold: 0.03 });
    expect(options).not.toHaveProperty('skip');
    expect(() => layerSkip(options)).not.toThrow();
  });

  it('refuses another selector, with those that there are', () => {
    expect(() => layerSkipOptions({ selector: 'best' })).toThrow(UsageError);
    expect(() => layerSkipOptions({ selector: 'toString' })).toThrow('there are adaSkip, ');
  });
});
