import { describe, expect, it } from 'vitest';
import type { Capability } from '../contract/capability.js';
import { MiddlewareError } from '../contract/errors.js';
import type { DrawnTokens, Middleware, Run } from '../contract/middleware.js';
import { pipeline } from '../pipeline.js';
import { mockDecoder, mockTokenizer } from '../testing/index.js';

const tokenizer = mockTokenizer();
const prompt = { text: 'The quick brown fox jumps over the lazy dog. ' };
const sampled = { maxNewTokens: 12, temperature: 1, seed: 3 };

function proposer(
  propose: (run: Run) => readonly number[] | DrawnTokens,
  more: { readonly stepwise?: true } = {},
): Middleware<'proposer', 'logits.all' | 'kv.edit'> {
  return {
    specificationVersion: 'v1',
    name: 'proposer',
    requires: ['logits.all', 'kv.edit'],
    ...(more.stepwise && { optional: ['logits.stepwise'] }),
    create: (run) => ({ propose: async () => propose(run) }),
  };
}

const certain = { logProbability: (id: number) => (id === 5 ? 0 : Number.NEGATIVE_INFINITY) };
const uniform = { logProbability: () => -Math.log(tokenizer.vocabularySize) };
const drawn = (): DrawnTokens => ({ tokens: [5], distributions: [certain] });

async function generate(middlewares: readonly Middleware<string, Capability>[], options = sampled) {
  const decoder = mockDecoder();
  let stack = pipeline(decoder, { tokenizer });
  for (const middleware of middlewares) stack = stack.use(middleware);
  return { decoder, result: await stack.generate(prompt, options) };
}

describe('proposals with distributions', () => {
  it('leave a greedy run as it is, and one whose middleware has a choose', async () => {
    const plain = await generate([]);
    const asked: Middleware<'asked'> = {
      specificationVersion: 'v1',
      name: 'asked',
      requires: [],
      create: () => ({ choose: (distribution, next) => next(distribution) }),
    };
    const likely = proposer(() => ({ tokens: [5], distributions: [uniform] }));
    expect((await generate([likely])).result.tokens).not.toEqual(plain.result.tokens);
    expect((await generate([likely, asked])).result.tokens).toEqual(plain.result.tokens);
    const greedy = { ...sampled, temperature: 0 };
    expect((await generate([proposer(drawn)], greedy)).result.tokens).toEqual(
      (await generate([], greedy)).result.tokens,
    );
  });

  it.each([
    [{ tokens: [5], distributions: [] }, '1 tokens with 0 distributions'],
    [{ tokens: [6], distributions: [certain] }, 'token 6 with a distribution that cannot have'],
    [{ tokens: [-1], distributions: [uniform] }, 'token -1, outside of the vocabulary'],
  ])('refuses %j', async (wrong, message) => {
    const run = generate([proposer(() => wrong)]);
    await expect(run).rejects.toThrow(MiddlewareError);
    await expect(run).rejects.toThrow(message);
  });
});

describe('logits.stepwise', () => {
  const verifying = async (stepwise?: true) => {
    const { decoder } = await generate([proposer(() => [5], { stepwise })]);
    return decoder.calls.filter(({ want }) => want?.logits === 'all');
  };

  it('is asked of verifications where a middleware lists it', async () => {
    for (const { want } of await verifying(true)) expect(want?.stepwise).toBe(true);
    for (const { want } of await verifying()) expect(want?.stepwise).toBeUndefined();
  });

  it('is not asked of a decoder without it, and a warning says so', async () => {
    const decoder = mockDecoder({ capabilities: ['logits.all', 'kv.edit'] });
    const stack = pipeline(decoder, { tokenizer }).use(proposer(() => [5], { stepwise: true }));
    const { warnings } = await stack.generate(prompt, sampled);
    expect(warnings).toMatchObject([{ type: 'degraded', feature: 'logits.stepwise' }]);
    expect(decoder.calls.some(({ want }) => want?.stepwise)).toBe(false);
  });
});

describe('proposals that are optional', () => {
  const optional: Middleware<'optional'> = {
    specificationVersion: 'v1',
    name: 'optional',
    requires: [],
    optional: ['logits.all', 'kv.edit'],
    create: () => ({ propose: async () => [5, 6] }),
  };

  it('are made where the decoder can verify them, and not asked for elsewhere', async () => {
    const verifying = async (decoder: ReturnType<typeof mockDecoder>) => {
      const { tokens, warnings } = await pipeline(decoder, { tokenizer })
        .use(optional)
        .generate(prompt, sampled);
      return {
        tokens,
        warnings,
        count: decoder.calls.filter(({ ids }) => ids.length === 3).length,
      };
    };
    const verified = await verifying(mockDecoder());
    const without = await verifying(mockDecoder({ capabilities: ['logits.all'] }));
    expect(verified.count).toBeGreaterThan(0);
    expect(without.count).toBe(0);
    expect(without.warnings).toMatchObject([{ type: 'degraded', feature: 'kv.edit' }]);
    expect(verified.tokens).toEqual(without.tokens);
  });
});
