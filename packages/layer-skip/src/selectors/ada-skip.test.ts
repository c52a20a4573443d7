import { InvalidOptionsError, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { layerSkip } from '../layer-skip.js';
import { adaSkip } from './ada-skip.js';
import { promptInfluence } from './prompt-influence.js';

const tokenizer = mockTokenizer();
const layers = 8;
const prompt = { text: 'Where is the key?' };
const options = { maxNewTokens: 6 };

describe('adaSkip', () => {
  it("decodes as a sequence that scales by the prompt's length ratios", async () => {
    const logits: Float32Array[] = [];
    const stack = pipeline(mockDecoder({ layers }), { tokenizer })
      .use(layerSkip({ selector: adaSkip(), skip: 2 }))
      .use({
        specificationVersion: 'v1',
        name: 'watch',
        requires: [],
        create: () => ({ adjust: (row) => void logits.push(row.slice()) }),
      });
    const { tokens } = await stack.generate(prompt, options);
    const reference = await mockDecoder({ layers }).open({
      needs: ['layers.skip', 'block.influences'],
    });
    const { blockInfluences } = await reference.forward({
      ids: tokenizer.encode(prompt.text),
      want: { blockInfluences: true },
    });
    const { influences, normRatios } = blockInfluences!;
    const skipped = [3, 4, 5, 6].sort((a, b) => influences[a] - influences[b]).slice(0, 2);
    const gates = influences.map((_, layer) => (skipped.includes(layer) ? 0 : 1));
    const input = { layers: Uint8Array.from(gates), layerScales: normRatios };
    for (const [step, token] of tokens.slice(0, -1).entries()) {
      const expected = await reference.forward({ ids: Int32Array.of(token), ...input });
      expect(logits[step + 1]).toEqual(expected.logits);
    }
  });

  it('scales by the geometric means over everything read, where a beginning was read before', async () => {
    const decoder = mockDecoder({ layers });
    const stack = pipeline(decoder, { tokenizer }).use(layerSkip({ selector: adaSkip(), skip: 2 }));
    const beginning = await stack.read({ messages: [{ role: 'user', content: 'a b' }] }, options);
    await beginning.append([{ role: 'user', content: 'Where is the key, said the cat?' }]);
    await beginning.step();
    await beginning.step();
    const ids = decoder.calls.filter((call) => !call.layers).flatMap((call) => [...call.ids]);
    await beginning.close();
    const reference = await mockDecoder({ layers }).open({ needs: ['block.influences'] });
    const { blockInfluences } = await reference.forward({
      ids: Int32Array.from(ids),
      want: { blockInfluences: true },
    });
    const { layers: gates, layerScales } = decoder.calls.at(-1)!;
    expect(layerScales).toHaveLength(layers);
    for (const [layer, gate] of gates!.entries())
      if (gate === 0)
        expect(layerScales![layer]).toBeCloseTo(blockInfluences!.normRatios[layer], 5);
  });

  it('is promptInfluence without compensation', async () => {
    const [a, b] = [adaSkip({ compensate: false }), promptInfluence()];
    const run = async (selector: typeof a) => {
      const decoder = mockDecoder({ layers });
      const stack = pipeline(decoder, { tokenizer }).use(layerSkip({ selector, skip: 3 }));
      const { tokens } = await stack.generate(prompt, options);
      return { tokens, calls: decoder.calls };
    };
    expect(await run(a)).toEqual(await run(b));
    // @ts-expect-error: no such option
    expect(() => adaSkip({ compensation: true })).toThrow(InvalidOptionsError);
  });
});
