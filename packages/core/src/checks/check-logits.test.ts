import { describe, expect, it, test } from 'vitest';
import { LogitsError, MiddlewareError } from '../contract/errors.js';
import type { GenerateOptions } from '../contract/generation.js';
import type { Hooks, Middleware } from '../contract/middleware.js';
import { pipeline, stepAll } from '../pipeline.js';
import { mockTokenizer } from '../testing/index.js';
import { brokenDecoder } from './broken-decoder.test.support.js';
import { mostProbable } from './check-logits.js';

const tokenizer = mockTokenizer();
const all = (value: number) => (logits: Float32Array) => void logits.fill(value);
const one = (value: number) => (logits: Float32Array) => {
  logits[5] = value;
};
const middleware = (hooks: Hooks): Middleware<string, 'logits.all' | 'kv.edit'> => ({
  specificationVersion: 'v1',
  name: 'watching',
  requires: ['logits.all', 'kv.edit'],
  create: () => hooks,
});
const greedy: GenerateOptions = { maxNewTokens: 5, seed: 1 };
const sampled = { ...greedy, temperature: 1 };

describe('logits that are no numbers are an error that names model and forward', () => {
  const changes = {
    'all NaN': all(Number.NaN),
    'one NaN': one(Number.NaN),
    'one Infinity': one(Number.POSITIVE_INFINITY),
    'all Infinity': all(Number.POSITIVE_INFINITY),
    'all -Infinity': all(Number.NEGATIVE_INFINITY),
    'NaN among -Infinity': (logits: Float32Array) => {
      logits.fill(Number.NEGATIVE_INFINITY);
      logits[7] = Number.NaN;
    },
  };
  const runs: Record<string, [GenerateOptions, Hooks?]> = {
    greedy: [greedy],
    sampled: [sampled],
    truncated: [{ ...sampled, topK: 10, topP: 0.9, minP: 0.1 }],
    penalised: [{ ...greedy, repetitionPenalty: 1.3 }],
    'with a chooser': [sampled, { choose: (distribution, next) => next(distribution) }],
    'with an adjuster': [greedy, { adjust: (logits) => void logits.fill(1, 40, 60) }],
    'with an adjuster of all': [greedy, { adjust: (logits) => void logits.fill(1) }],
    'with drafts': [greedy, { propose: async () => [3, 4] }],
  };
  for (const [what, change] of Object.entries(changes))
    for (const [how, [options, hooks]] of Object.entries(runs))
      for (const from of [1, 3])
        test(`${what}, ${how}, from forward ${from}`, async () => {
          const decoder = brokenDecoder(change, { from });
          const plain = pipeline(decoder, { tokenizer });
          const stack = hooks ? plain.use(middleware(hooks)) : plain;
          const error = await stack
            .generate({ text: 'abc' }, options)
            .catch((thrown: unknown) => thrown);
          expect(error).toBeInstanceOf(LogitsError);
          expect(error).toMatchObject({ decoder: 'mock-0' });
          // The prompt's three tokens, then one a forward; behind a draft there are more.
          if (!hooks?.propose) expect(error).toMatchObject({ position: 2 + from - 1 });
        });
});

test('of generations that are stepped together only the broken one fails', async () => {
  let rows = 0;
  const decoder = brokenDecoder((logits) => {
    // Each round reads three rows, after the three prompts.
    if (rows++ % 3 === 1 && rows > 3) logits.fill(Number.NaN);
  });
  const stack = pipeline(decoder, { tokenizer });
  const generations = [];
  for (const text of ['abc', 'def', 'ghi'])
    generations.push(await stack.start({ text }, { maxNewTokens: 4 }));
  await stepAll(generations);
  await expect(stepAll(generations)).rejects.toThrow(LogitsError);
  expect(generations.map(({ tokens }) => tokens.length)).toEqual([2, 1, 2]);
  await expect(generations[1].step()).rejects.toThrow('closed');
  await Promise.all(generations.map((generation) => generation.close()));
});

test('a model may rule tokens out', async () => {
  const ruleOut = (logits: Float32Array) => void logits.fill(Number.NEGATIVE_INFINITY, 100);
  const { tokens, finishReason } = await pipeline(brokenDecoder(ruleOut), { tokenizer }).generate(
    { text: 'abc' },
    { maxNewTokens: 20, temperature: 1 },
  );
  expect(finishReason).toBe('length');
  expect(Math.max(...tokens)).toBeLessThan(100);
});

test('a middleware that forbids every token still ends the run as a dead end', async () => {
  const stack = pipeline(
    brokenDecoder(() => {}),
    { tokenizer },
  ).use(middleware({ adjust: all(Number.NEGATIVE_INFINITY) }));
  expect((await stack.generate({ text: 'abc' }, greedy)).finishReason).toBe('dead-end');
});

test('a middleware that writes NaN is named', async () => {
  const stack = pipeline(
    brokenDecoder(() => {}),
    { tokenizer },
  ).use(middleware({ adjust: one(Number.NaN) }));
  const run = stack.generate({ text: 'abc' }, greedy);
  await expect(run).rejects.toThrow(MiddlewareError);
  await expect(run).rejects.toThrow(/'watching', adjust, step 0: .*NaN/);
});

describe('mostProbable', () => {
  const source = { decoder: 'draft', position: 7 };
  it('gives the lowest of equal ids', () => {
    expect(mostProbable(Float32Array.of(-Infinity, 2, 1, 2), source)).toBe(1);
  });
  it('refuses what has no greatest', () => {
    for (const logits of [[1, Number.NaN], [Number.POSITIVE_INFINITY], [-Infinity, -Infinity]])
      expect(() => mostProbable(Float32Array.from(logits), source)).toThrow(
        /'draft' gave logits .* position 7/,
      );
  });
});
