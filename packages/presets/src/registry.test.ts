import { pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { compressOptions } from './middlewares/prompt-compress.js';
import { PresetError } from './preset-error.js';
import { type MiddlewareName, makeMiddleware, makeStack, middlewares } from './registry.js';

interface Sample {
  /** Plain JSON. */
  readonly options: object;
  readonly wrong: object;
}

/** A middleware without a sample does not compile. */
const samples: { readonly [name in MiddlewareName]: Sample } = {
  'prompt-compress': { options: { draft: 2, keep: { ratio: 0.5 } }, wrong: { keep: 0 } },
  'kv-drop': {
    options: { policy: { name: 'snapKV', window: 8 }, budget: 24 },
    wrong: { every: 0 },
  },
  'layer-skip': { options: { layers: [2] }, wrong: { layers: 'all' } },
  constrain: { options: { choice: ['yes', 'no'] }, wrong: { choice: [] } },
  'prompt-lookup': { options: { ngram: 2 }, wrong: { ngram: 0 } },
  'self-speculate': { options: { layers: [2] }, wrong: { skip: 1, layers: [2] } },
};
const names = Object.keys(samples) as MiddlewareName[];
const decoder = mockDecoder({ layers: 12 });

describe('middlewares', () => {
  it('has a sample of each here', () => {
    expect(Object.keys(middlewares)).toEqual(names);
  });

  it.each(names)('%s is made with the defaults, and with options from JSON', (name) => {
    for (const options of [{}, JSON.parse(JSON.stringify(samples[name].options))]) {
      expect(makeMiddleware(name, options, decoder).name).toBe(name);
      expect(middlewares[name].options.safeParse(options).success).toBe(true);
    }
  });

  it.each(names)('%s refuses a wrong option and an unknown one, and so does its schema', (name) => {
    for (const options of [samples[name].wrong, { ...samples[name].options, colour: 'red' }]) {
      expect(() => makeMiddleware(name, { ...options }, decoder)).toThrow();
      expect(middlewares[name].options.safeParse(options).success).toBe(false);
    }
  });

  it('refuses another name, with those that there are', () => {
    for (const name of ['magic', 'toString']) {
      expect(() => makeMiddleware(name, {}, decoder)).toThrow(PresetError);
      expect(() => makeMiddleware(name, {}, decoder)).toThrow(
        `'${name}' is not a middleware; there are prompt-compress, kv-drop, layer-skip, constrain, prompt-lookup, self-speculate`,
      );
    }
  });
});

describe('makeStack', () => {
  it('keeps the order, and runs', async () => {
    const settings = Object.fromEntries(names.map((name) => [name, { ...samples[name].options }]));
    const order = ['prompt-lookup', 'layer-skip', 'kv-drop'];
    const stack = makeStack(order, settings, decoder);
    expect(stack.map(({ name }) => name)).toEqual(order);
    const [first, second, third] = stack;
    const { metrics } = await pipeline(decoder, { tokenizer: mockTokenizer() })
      .use(first)
      .use(second)
      .use(third)
      .generate({ text: 'over the hills and far away, '.repeat(8) }, { maxNewTokens: 4 });
    expect(metrics.middlewares['kv-drop'].rowsKept).toBe(24);
    expect(metrics.middlewares['layer-skip'].layersSkipped).toBe(1);
  });
});

describe('compressOptions', () => {
  it('drafts with as many layers as measured for the model, else with ten', () => {
    const layersOf = (defaults: object, given = {}) =>
      compressOptions(given, Object.assign(mockDecoder({ layers: 12 }), { defaults })).draft.shape
        .layers;
    expect(layersOf({})).toBe(10);
    expect(layersOf({ 'prompt-compress': { draft: 4 } })).toBe(4);
    expect(layersOf({ 'prompt-compress': { draft: 4 } }, { draft: 3 })).toBe(3);
  });
});
