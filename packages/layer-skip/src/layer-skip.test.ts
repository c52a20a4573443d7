import { InvalidOptionsError, MissingCapabilityError, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { layerSkip } from './layer-skip.js';

const tokenizer = mockTokenizer();
const prompt = { text: 'The quick brown fox jumps over the lazy dog. ' };
const options = { maxNewTokens: 6 };

describe('layerSkip', () => {
  it.each([{ skip: 0 }, { layers: [] }])('changes nothing with %j', async (nothing) => {
    const decoder = mockDecoder();
    const plain = await pipeline(decoder, { tokenizer }).generate(prompt, options);
    const stack = pipeline(decoder, { tokenizer }).use(layerSkip(nothing));
    const result = await stack.generate(prompt, options);
    expect(result.tokens).toEqual(plain.tokens);
    expect(result.metrics.middlewares['layer-skip']).toEqual({ layersRun: 4, layersSkipped: 0 });
    expect(decoder.calls.some((call) => call.layers)).toBe(false);
  });

  it('reads the prompt with every layer and decodes without the given ones', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer, chunkSize: 8 }).use(layerSkip({ layers: [2, 1] }));
    const { tokens, metrics } = await stack.generate(prompt, options);
    expect(metrics.middlewares['layer-skip']).toEqual({ layersRun: 2, layersSkipped: 2 });
    const decoded = decoder.calls.filter((call) => call.layers);
    expect(decoded.length).toBe(tokens.length - 1);
    for (const { ids, layers } of decoded) {
      expect(ids.length).toBe(1);
      expect(layers).toEqual([1, 0, 0, 1]);
    }
    const read = decoder.calls.filter((call) => !call.layers).flatMap((call) => call.ids);
    expect(read).toEqual([...tokenizer.encode(prompt.text)]);
  });

  it('takes the measured order of the decoder', async () => {
    const decoder = mockDecoder();
    const measured = { ...decoder, defaults: { 'layer-skip': { order: [2, 3, 1] } } };
    const result = await pipeline(measured, { tokenizer })
      .use(layerSkip({ skip: 2 }))
      .generate(prompt, options);
    expect(decoder.calls.at(-1)!.layers).toEqual([1, 1, 0, 0]);
    expect(result.warnings).toEqual([]);
  });

  it('says when it spreads layers for want of a measured order, once, also in a fork', async () => {
    const decoder = mockDecoder({ layers: 8 });
    const stack = pipeline(decoder, { tokenizer }).use(layerSkip({ skip: 2 }));
    const generation = await stack.start(prompt, options);
    await generation.step();
    const copy = await generation.fork({ seed: 1 });
    for (const run of [generation, copy]) {
      await run.step();
      const { warnings, metrics } = run.result();
      expect(warnings).toMatchObject([
        { type: 'degraded', feature: 'skip', middleware: 'layer-skip' },
      ]);
      expect(metrics.middlewares['layer-skip']).toEqual({ layersRun: 6, layersSkipped: 2 });
      expect(decoder.calls.at(-1)!.layers).toEqual([1, 1, 1, 1, 0, 1, 0, 1]);
      await run.close();
    }
  });

  it('runs a layer only where other gates let it', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer })
      .use({
        specificationVersion: 'v1',
        name: 'other-gates',
        requires: ['layers.skip'],
        create: () => ({
          forward: (input, next) => next({ ...input, layers: Uint8Array.of(1, 0, 1, 1) }),
        }),
      })
      .use(layerSkip({ layers: [3] }));
    await stack.generate(prompt, options);
    expect(decoder.calls.at(-1)!.layers).toEqual([1, 0, 1, 0]);
  });

  it('refuses at use() what the decoder cannot do', () => {
    const stack = pipeline(mockDecoder(), { tokenizer });
    expect(() => stack.use(layerSkip({ layers: [4] }))).toThrow(InvalidOptionsError);
    expect(() => stack.use(layerSkip({ layers: [0] }))).toThrow('layer 0 always runs');
    expect(() => stack.use(layerSkip({ skip: 1 }))).toThrow("option 'skip': is 1");
    const plain = pipeline(mockDecoder({ capabilities: ['kv.edit'] }), { tokenizer });
    // @ts-expect-error: this decoder cannot skip layers
    expect(() => plain.use(layerSkip({ skip: 0 }))).toThrow(MissingCapabilityError);
  });

  it('refuses wrong options where they are written', () => {
    // @ts-expect-error: one of both
    expect(() => layerSkip({ layers: [1], skip: 1 })).toThrow('give either layers or skip');
    // @ts-expect-error: one of both
    expect(() => layerSkip({})).toThrow('give either layers or skip');
    expect(() => layerSkip({ skip: -1 })).toThrow("layer-skip: option 'skip'");
    expect(() => layerSkip({ layers: [1.5] })).toThrow("layer-skip: option 'layers.0'");
  });
});
