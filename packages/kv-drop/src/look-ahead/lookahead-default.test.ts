import { LogitsError, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { expect, it } from 'vitest';
import { kvDrop } from '../kv-drop.js';
import { specKV } from '../policies/spec-kv.js';

const tokenizer = { ...mockTokenizer(), endOfText: new Set<number>() };
const prompt = { text: 'The boat came in at noon. '.repeat(4) };
const stackOf = (policy: Parameters<typeof kvDrop>[0]['policy'], decoder = mockDecoder()) =>
  pipeline(decoder, { tokenizer }).use(kvDrop({ policy, budget: 40 }));

it.each([
  [undefined, 200, 16],
  [undefined, 5, 5],
  [3, 200, 3],
  [20, 5, 20],
])(
  'specKV with a look-ahead of %s and an answer of %i writes %i tokens',
  async (lookahead, maxNewTokens, written) => {
    const run = await stackOf(specKV({ window: 8, lookahead })).generate(prompt, { maxNewTokens });
    expect(run.metrics.middlewares['kv-drop'].lookaheadTokens).toBe(written);
    const draft = mockDecoder({ layers: 3 });
    const drafted = await stackOf(specKV({ window: 8, lookahead, draft })).generate(prompt, {
      maxNewTokens,
    });
    expect(drafted.metrics.middlewares['kv-drop'].lookaheadTokens).toBe(written);
  },
);

it('a draft whose logits are no numbers is named', async () => {
  const broken = mockDecoder({ seed: 3 });
  const draft = {
    ...broken,
    open: async () => {
      const sequence = await broken.open();
      const { forward } = sequence;
      sequence.forward = async (input) => {
        const output = await forward.call(sequence, input);
        output.logits.fill(Number.NaN);
        return output;
      };
      return sequence;
    },
  };
  const run = stackOf(specKV({ window: 8, draft })).generate(prompt);
  await expect(run).rejects.toThrow(LogitsError);
  await expect(run).rejects.toThrow("decoder 'mock-3'");
});
