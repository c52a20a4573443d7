import { type CacheView, type Middleware, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { kvDrop } from './kv-drop.js';
import { samplePolicies } from './policies/policies.test.support.js';
import { streamingLLM } from './policies/streaming-llm.js';
import { layerBudgets } from './wrappers/layer-budgets.js';

const tokenizer = { ...mockTokenizer(), endOfText: new Set<number>() };
const fullest = (view: CacheView) =>
  Math.max(...Array.from({ length: view.layers }, (_, layer) => view.rows(layer)));

/** Notes the rows at each choice of a token, and proposes what it is told to. */
function watching(
  rows: number[],
  proposal: readonly number[] = [],
): Middleware<string, 'logits.all' | 'kv.edit'> {
  return {
    specificationVersion: 'v1',
    name: 'watching',
    requires: ['logits.all', 'kv.edit'],
    create: (run) => ({
      adjust: () => void rows.push(fullest(run.cache!)),
      ...(proposal.length > 0 && {
        propose: async (_, most) => proposal.slice(0, Math.max(1, most)),
      }),
    }),
  };
}

describe('a cache holds at most budget + every rows while decoding', () => {
  const prompts = [5, 12, 13, 14, 50];
  for (const every of [1, 7])
    for (const tokens of prompts)
      it(`every ${every}, a prompt of ${tokens}`, async () => {
        for (const [name, policy] of Object.entries(samplePolicies)) {
          const decoder = mockDecoder();
          const rows: number[] = [];
          const isLevel = !/pyramid|layerBudgets/.test(name);
          const stack = pipeline(decoder, { tokenizer })
            .use(kvDrop({ policy: policy(decoder), budget: 12, every }))
            .use(watching(rows));
          const result = await stack.generate(
            { ids: Array.from({ length: tokens }, (_, i) => 40 + (i % 50)) },
            { maxNewTokens: 20 },
          );
          expect(result.tokens).toHaveLength(20);
          // Of the tokens that were read while the prompt was, there may be more.
          if (isLevel) expect(Math.max(...rows), name).toBeLessThanOrEqual(12 + every);
        }
      });

  it('with a budget of one row', async () => {
    for (const every of [1, 3]) {
      const rows: number[] = [];
      const stack = pipeline(mockDecoder(), { tokenizer })
        .use(kvDrop({ policy: streamingLLM({ sinks: 0 }), budget: 1, every }))
        .use(watching(rows));
      await stack.generate({ text: 'abcdefgh' }, { maxNewTokens: 12 });
      expect(Math.max(...rows)).toBe(1 + every);
    }
  });

  it('drafts counted, which are cut to fit: where rows go, and the text, are those without', async () => {
    const play = async (proposal: readonly number[], every: number) => {
      const rows: number[] = [];
      const decoder = mockDecoder();
      const stack = pipeline(decoder, { tokenizer })
        .use(kvDrop({ policy: streamingLLM(), budget: 24, every }))
        .use(watching(rows, proposal));
      const { tokens } = await stack.generate({ text: 'abc'.repeat(12) }, { maxNewTokens: 60 });
      return {
        tokens,
        most: Math.max(...rows),
        widest: Math.max(...decoder.calls.slice(1).map(({ ids }) => ids.length)),
      };
    };
    for (const every of [1, 2, 8]) {
      const plain = await play([], every);
      const right = await play(plain.tokens.slice(0, 7), every);
      expect(plain.most).toBe(24 + every);
      expect(right.most).toBeLessThanOrEqual(24 + every);
      expect(right.widest).toBe(Math.min(8, every));
      expect(right.tokens).toEqual(plain.tokens);
    }
  });
});

it('layerBudgets and a budget at the minimum share what there is while decoding', async () => {
  const rows: number[] = [];
  const stack = pipeline(mockDecoder(), { tokenizer })
    .use(kvDrop({ policy: layerBudgets(streamingLLM(), [1, 2, 3, 4]), budget: 5, every: 2 }))
    .use(watching(rows));
  const { tokens } = await stack.generate({ text: 'abc'.repeat(12) }, { maxNewTokens: 20 });
  expect(tokens).toHaveLength(20);
  expect(Math.max(...rows)).toBe(7);
});
