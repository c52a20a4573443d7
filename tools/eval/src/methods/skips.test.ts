import { pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { outerLayers } from '@pliant/layer-skip';
import { describe, expect, it } from 'vitest';
import { randomLayers, skipsOf } from './skips.js';

const layers = 8;
const order = { order: [4, 3, 5, 6], influences: Array.from({ length: layers }, (_, i) => i / 10) };
const decoder = Object.assign(mockDecoder({ layers }), { defaults: { 'layer-skip': order } });

it.each(Object.entries(skipsOf(layers)))('%s skips as many as it is asked for', async (_, make) => {
  for (const skip of [1, 4]) {
    const [middleware] = make(skip, 7);
    const { metrics } = await pipeline(decoder, { tokenizer: mockTokenizer() })
      .use(middleware)
      .generate({ text: 'to be read' }, { maxNewTokens: 4 });
    expect(metrics.middlewares['layer-skip']).toMatchObject({ layersSkipped: skip });
  }
});

describe('randomLayers', () => {
  it('draws different layers, none of the outer ones', () => {
    for (let seed = 0; seed < 50; seed++) {
      const drawn = randomLayers(30, 12, seed);
      expect(new Set(drawn).size).toBe(12);
      expect(drawn.some((layer) => outerLayers(30).includes(layer))).toBe(false);
    }
  });

  it('refuses more than there are', () => {
    expect(() => randomLayers(8, 5, 1)).toThrow(RangeError);
  });

  it('follows the seed', () => {
    expect(randomLayers(30, 4, 1)).toEqual(randomLayers(30, 4, 1));
    expect(randomLayers(30, 4, 1)).not.toEqual(randomLayers(30, 4, 2));
  });
});
