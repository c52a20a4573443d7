// Situations that other projects had reports about: budgets near the length of a prompt, later
// turns, rollbacks, forks and batches.
import { type Generation, InvalidOptionsError, pipeline, type Run, stepAll } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { expect, it } from 'vitest';
import { kvDrop } from './kv-drop.js';
import { expectedAttention } from './policies/expected-attention.js';
import { pyramidKV } from './policies/pyramid-kv.js';
import { snapKV } from './policies/snap-kv.js';
import { specKV } from './policies/spec-kv.js';
import { streamingLLM } from './policies/streaming-llm.js';
import { tova } from './policies/tova.js';
import type { Policy } from './scoring/policy.js';

const tokenizer = mockTokenizer();
const user = (content: string) => ({ messages: [{ role: 'user', content }] });
const days = (count: number) =>
  Array.from(
    { length: count },
    (_, i) => `On day ${i + 1}, ${((i * 7) % 53) + 3} boats came in.`,
  ).join(' ');
const stackOf = (
  policy?: Policy,
  budget: Parameters<typeof kvDrop>[0]['budget'] = 100,
  runs: Run[] = [],
) => {
  const plain = pipeline(mockDecoder(), { tokenizer, chunkSize: 64 });
  const watching = (run: Run) => {
    runs.push(run);
    return { nextTurn: watching };
  };
  const stack = policy ? plain.use(kvDrop({ policy, budget }) as never) : plain;
  return stack.use({
    specificationVersion: 'v1',
    name: 'watching',
    requires: [],
    create: watching,
  });
};
async function finish(generation: Generation) {
  while (!generation.done) await generation.step();
  return [...generation.tokens];
}

it('a ratio of a short prompt is raised, with a warning', async () => {
  for (const policy of [streamingLLM(), snapKV({ window: 4 })]) {
    const { metrics, warnings } = await stackOf(policy, { ratio: 0.1 }).generate(
      { text: 'Two plus two' },
      { maxNewTokens: 4 },
    );
    expect(metrics.middlewares['kv-drop'].rowsKept).toBeGreaterThan(0);
    expect(warnings).toMatchObject([{ feature: 'budget' }]);
  }
});

it('a prompt shorter than the window is left alone, and a later turn on a full budget goes on', async () => {
  const plain = await stackOf().generate(user('Name one.'), { maxNewTokens: 12 });
  for (const policy of [snapKV(), specKV(), pyramidKV(), tova(), expectedAttention()]) {
    const { tokens } = await stackOf(policy, 64).generate(user('Name one.'), { maxNewTokens: 12 });
    expect(tokens).toEqual(plain.tokens);
    const chat = await stackOf(policy, 40).start(user(days(6)), { maxNewTokens: 6 });
    await finish(chat);
    await chat.append([{ role: 'user', content: 'Hi' }]);
    expect((await finish(chat)).length).toBeGreaterThan(0);
    await chat.close();
  }
});

it('budgets around the length of a prompt keep what they say', async () => {
  const prompt = user(days(8));
  const plain = await stackOf().generate(prompt, { maxNewTokens: 8 });
  const { promptTokens } = plain.metrics;
  for (const more of [-3, -2, -1, 0, 1]) {
    const runs: Run[] = [];
    const chat = await stackOf(snapKV(), promptTokens + more, runs).start(prompt, {
      maxNewTokens: 8,
    });
    expect(runs[0].cache!.rows(0)).toBe(Math.min(promptTokens, promptTokens + more + 1));
    const tokens = await finish(chat);
    if (more >= -1) expect(tokens).toEqual(plain.tokens);
    await chat.close();
    const pyramid: Run[] = [];
    const { metrics } = await stackOf(pyramidKV(), promptTokens + more, pyramid).generate(prompt, {
      maxNewTokens: 1,
    });
    const { rowsKept } = metrics.middlewares['kv-drop'];
    expect(Math.abs(rowsKept - Math.min(promptTokens, promptTokens + more))).toBeLessThanOrEqual(1);
  }
});

it('the second prompt of a stack is cut as the first', async () => {
  const stack = stackOf(snapKV(), 60);
  const results = [];
  for (let i = 0; i < 3; i++) {
    const { tokens, metrics } = await stack.generate(user(days(8)), { maxNewTokens: 8 });
    results.push([tokens, metrics.middlewares['kv-drop'].rowsDropped]);
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});

it('tokens taken back after rows were dropped come again', async () => {
  const generation = await stackOf(snapKV(), 60).start(user(days(8)), { maxNewTokens: 24 });
  for (let i = 0; i < 16; i++) await generation.step();
  const before = [...generation.tokens];
  for (const count of [7, before.length]) {
    generation.rollback(count);
    while (generation.tokens.length < before.length) await generation.step();
    expect(generation.tokens).toEqual(before);
  }
  await generation.close();
});

it('the order of questions to forks of one text changes nothing', async () => {
  const ask = async (questions: readonly string[]) => {
    const messages = [{ role: 'system', content: days(8) }];
    const read = await stackOf(expectedAttention(), 60).read({ messages }, { maxNewTokens: 8 });
    const answers: Record<string, number[]> = {};
    for (const content of questions) {
      const fork = await read.fork({ seed: 0 });
      await fork.append([{ role: 'user', content }]);
      answers[content] = await finish(fork);
      await fork.close();
    }
    await read.close();
    return answers;
  };
  expect(await ask(['Day 3?', 'And day 7?'])).toEqual(await ask(['And day 7?', 'Day 3?']));
});

it('a batch of caches cut to different sizes gives what each alone does', async () => {
  const decoder = mockDecoder();
  const all = [40, 60, 90].map((budget, i) => ({
    stack: pipeline(decoder, { tokenizer }).use(kvDrop({ policy: snapKV(), budget })),
    prompt: user(days(4 + 3 * i)),
  }));
  const alone = [];
  for (const { stack, prompt } of all)
    alone.push((await stack.generate(prompt, { maxNewTokens: 10 })).tokens);
  const running = [];
  for (const { stack, prompt } of all)
    running.push(await stack.start(prompt, { maxNewTokens: 10 }));
  while (running.some(({ done }) => !done)) await stepAll(running);
  expect(running.map(({ tokens }) => [...tokens])).toEqual(alone);
  for (const generation of running) await generation.close();
});

it('budgets and windows that are no such number are refused', () => {
  for (const budget of [
    0,
    -1,
    1.5,
    Number.NaN,
    Infinity,
    '256',
    null,
    undefined,
    {},
    { ratio: 0 },
    { ratio: 1.01 },
    { bytes: 0 },
    { ratio: 0.5, bytes: 3 },
  ])
    expect(() => kvDrop({ policy: streamingLLM(), budget: budget as number })).toThrow(
      InvalidOptionsError,
    );
  for (const options of [{ window: 0 }, { kernel: 4 }, { kernel: 0 }, { window: -3 }])
    expect(() => snapKV(options)).toThrow(InvalidOptionsError);
  expect(() => kvDrop({ policy: snapKV({ window: 64 }), budget: 64 })).toThrow(/at least 65/);
});
