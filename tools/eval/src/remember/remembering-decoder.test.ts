import {
  type Capability,
  type Decoder,
  type GenerateOptions,
  type Middleware,
  type Prompt,
  pipeline,
  StateError,
} from '@pliant/core';
import { type MockDecoder, mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { kvDrop } from '@pliant/kv-drop';
import { beforeEach, describe, expect, it } from 'vitest';
import { methods } from '../methods/methods.js';
import { RememberingDecoder } from './remembering-decoder.js';
import { scoreRequests } from './score-requests.js';

const tokenizer = mockTokenizer();
const prompt = { ids: Int32Array.from({ length: 120 }, (_, i) => 32 + ((i * 37) % 90)) };
const other = { ids: Int32Array.from({ length: 120 }, (_, i) => 32 + ((i * 41) % 90)) };
const options = { maxNewTokens: 6 };
const policies = Object.values(methods).map((make) => make());

let inner: MockDecoder;
let decoder: RememberingDecoder;
beforeEach(() => {
  inner = mockDecoder();
  decoder = new RememberingDecoder(inner);
  decoder.begin(scoreRequests(policies, decoder.shape, 120));
});

/** Tokens and the logits of every step. */
async function run(
  on: Decoder,
  given: Prompt,
  middlewares: readonly Middleware<string, Capability>[] = [],
  generateOptions: GenerateOptions = options,
) {
  const logits: Float32Array[] = [];
  const record: Middleware = {
    specificationVersion: 'v1',
    name: 'record',
    requires: [],
    create: () => ({
      adjust: (values) => {
        logits.push(values.slice());
        // As a middleware may.
        values[0] = Number.NEGATIVE_INFINITY;
      },
    }),
  };
  const stack = middlewares.reduce(
    (all, middleware) => all.use(middleware),
    pipeline(on, { tokenizer, chunkSize: 48 }).use(record),
  );
  const { tokens, metrics } = await stack.generate(given, generateOptions);
  return { tokens, logits, kvDrop: metrics.middlewares['kv-drop']?.rowsKept };
}

describe('every method', () => {
  it('gives what it gives without the memory, bit for bit, at every budget, and reads the prompt once', async () => {
    expect(await run(decoder, prompt)).toEqual(await run(mockDecoder(), prompt));
    for (const budget of [40, 64])
      for (const [name, make] of Object.entries(methods)) {
        const drop = () => kvDrop({ policy: make(), budget });
        const expected = await run(mockDecoder(), prompt, [drop()]);
        expect(await run(decoder, prompt, [drop()]), name).toEqual(expected);
      }
    // In three chunks, for all but `expectedAttention`: it asks for 116 rows, so its chunks differ.
    const read = inner.calls.map(({ ids }) => ids.length).filter((length) => length > 1);
    expect(read).toEqual([40, 40, 40, 4, 116]);
  });
});

it('runs what it was not told to remember', async () => {
  const ask = (): Middleware<'ask', 'scores'> => ({
    specificationVersion: 'v1',
    name: 'ask',
    requires: ['scores'],
    create: () => ({
      forward: (input, next) =>
        next({
          ...input,
          want: { scores: { ask: { rows: 1, reduceRows: 'sum', reduceHeads: 'none' } } },
        }),
    }),
  });
  await run(decoder, prompt);
  expect(await run(decoder, prompt, [ask()])).toEqual(await run(mockDecoder(), prompt, [ask()]));
});

it('leaves the path where another token is chosen', async () => {
  await run(decoder, prompt);
  const sampled = { ...options, temperature: 1, seed: 3 };
  const expected = await run(mockDecoder(), prompt, [], sampled);
  expect(expected.tokens).not.toEqual((await run(decoder, prompt)).tokens);
  expect(await run(decoder, prompt, [], sampled)).toEqual(expected);
});

it('keeps prompts apart, also those that begin alike', async () => {
  const longer = { ids: Int32Array.of(...prompt.ids.slice(0, 40), ...other.ids.slice(0, 80)) };
  for (const given of [prompt, other, longer, prompt])
    expect(await run(decoder, given)).toEqual(await run(mockDecoder(), given));
});

it('hands sequences that need more to the inner decoder', async () => {
  const sequence = await decoder.open({ needs: ['logits.all'] });
  const { logits } = await sequence.forward({ ids: prompt.ids, want: { logits: 'all' } });
  expect(logits.length).toBe(120 * decoder.shape.vocabulary);
});

it('sees the cache as it was at each place, and forks it', async () => {
  const full = await decoder.open();
  await full.forward({ ids: prompt.ids.slice(0, 60) });
  await full.forward({ ids: prompt.ids.slice(60) });
  const sequence = await decoder.open();
  const { cache } = sequence;
  expect([cache.rows(0), cache.nextPosition]).toEqual([0, 0]);
  await sequence.forward({ ids: prompt.ids.slice(0, 60) });
  const plain = await mockDecoder().open({ needs: ['kv.read'] });
  await plain.forward({ ids: prompt.ids.slice(0, 60) });
  const keep = () => Uint32Array.of(3, 59);
  const part = await sequence.fork({ keep });
  expect([...part.cache.positions(1, 1)]).toEqual([3, 59]);
  for (const layer of [0, 3]) {
    expect(cache.rows(layer)).toBe(60);
    expect(cache.positions(layer, 1)).toEqual(plain.cache.positions(layer, 1));
    expect(cache.keys(layer)).toEqual(plain.cache.keys(layer));
    expect(cache.values(layer)).toEqual(plain.cache.values(layer));
  }
  const fork = await sequence.fork();
  sequence.edit({ keep });
  expect([cache.rows(0), fork.cache.rows(0)]).toEqual([2, 60]);
});

it('forgets at begin(), when nothing is open', async () => {
  const sequence = await decoder.open();
  expect(() => decoder.begin([])).toThrow(StateError);
  sequence.close();
  await run(decoder, prompt);
  decoder.begin([]);
  expect(inner.openSequences).toBe(0);
  const before = inner.forwards;
  await run(decoder, prompt);
  expect(inner.forwards).toBe(before + 8);
});
