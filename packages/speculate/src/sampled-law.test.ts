import { type Capability, type Middleware, pipeline, StepDistribution } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { promptLookup } from './prompt-lookup/prompt-lookup.js';
import { selfSpeculate } from './self-speculate/self-speculate.js';

const tokenizer = { ...mockTokenizer(), endOfText: new Set<number>() };
const prompt = { ids: Int32Array.of(97, 98, 99, 100) };
const sampling = { temperature: 1, topK: 2, topP: 1, minP: 0 };
const length = 3;
const runs = 700;
/**
 * 99.9 % of chi-square with 7 degrees of freedom: two tokens are possible at each of three places.
 */
const critical = 24.32;

/** Probability of every text that can come, by its tokens. */
async function lawOf(): Promise<Map<string, number>> {
  const decoder = mockDecoder();
  const law = new Map<string, number>();
  const extend = async (tokens: readonly number[], probability: number): Promise<void> => {
    if (tokens.length === length) {
      law.set(tokens.join(), probability);
      return;
    }
    const sequence = await decoder.open();
    const { logits } = await sequence.forward({ ids: Int32Array.of(...prompt.ids, ...tokens) });
    const distribution = new StepDistribution(logits.length);
    distribution.load(logits, sampling);
    sequence.close();
    for (let id = 0; id < distribution.size; id++) {
      const share = Math.exp(distribution.logProbability(id));
      if (share > 0) await extend([...tokens, id], probability * share);
    }
  };
  await extend([], 1);
  return law;
}

async function chiSquare(middleware: Middleware<string, Capability>): Promise<number> {
  const law = await lawOf();
  const counts = new Map<string, number>();
  const stack = pipeline(mockDecoder(), { tokenizer }).use(middleware);
  for (let seed = 0; seed < runs; seed++) {
    const { tokens } = await stack.generate(prompt, { ...sampling, maxNewTokens: length, seed });
    counts.set(tokens.join(), (counts.get(tokens.join()) ?? 0) + 1);
  }
  return [...law].reduce((sum, [text, probability]) => {
    const expected = probability * runs;
    return sum + ((counts.get(text) ?? 0) - expected) ** 2 / expected;
  }, 0);
}

const speculation = selfSpeculate({ layers: [1, 2, 3], draftTokens: 2, adaptive: false });

/** Says of every drafted token that it was unlikely, so that it is accepted always. */
const biased: Middleware<string, Capability> = {
  ...speculation,
  create: (run) => {
    const hooks = speculation.create(run);
    return {
      ...hooks,
      propose: async (draft, most) => {
        const drawn = await hooks.propose!(draft, most);
        if (!('tokens' in drawn)) return drawn;
        return {
          tokens: drawn.tokens,
          distributions: drawn.tokens.map(() => ({ logProbability: () => -100 })),
        };
      },
    };
  },
};

describe('sampled text with self-speculation', () => {
  it('is distributed as without', async () => {
    expect(await chiSquare(speculation)).toBeLessThan(critical);
  });

  it('is not where drafts are accepted too often: the test can tell', async () => {
    expect(await chiSquare(biased)).toBeGreaterThan(critical);
  });
});

it('drafts by the prompt as much whatever forwards take, so that a seed decides', async () => {
  const slow: Middleware<'slow'> = {
    specificationVersion: 'v1',
    name: 'slow',
    requires: [],
    create: () => ({
      async forward(input, next) {
        if (input.ids.length > 1) await new Promise((resolve) => setTimeout(resolve, 15));
        return next(input);
      },
    }),
  };
  const drafted = async (sampled: object, ...others: Middleware[]) => {
    let stack = pipeline(mockDecoder(), { tokenizer }).use(promptLookup());
    for (const other of others) stack = stack.use(other);
    const { metrics } = await stack.generate(
      { ids: Int32Array.from({ length: 30 }, (_, i) => 97 + (i % 3)) },
      { maxNewTokens: 40, ...sampled },
    );
    return metrics.middlewares['prompt-lookup'].tokensDrafted;
  };
  const sampled = { temperature: 0.2, seed: 3 };
  expect(await drafted(sampled)).toBeGreaterThan(0);
  expect(await drafted(sampled, slow)).toBe(await drafted(sampled));
});
