import { pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { kvDrop } from '@pliant/kv-drop';
import { expect, it } from 'vitest';
import { methods } from '../methods/methods.js';
import { RememberingDecoder } from '../remember/remembering-decoder.js';
import type { Task } from '../tasks/task.js';
import type { Answer } from './answers.js';
import { divergence } from './divergence.js';
import { evaluate } from './evaluate.js';
import { answerInFull } from './full-answer.js';

const tokenizer = mockTokenizer();
const task: Task = {
  name: 'mock-task',
  make: ({ seed, tokens }) => ({
    text: Array.from({ length: tokens }, (_, i) =>
      String.fromCharCode(97 + ((i * (7 + seed)) % 26)),
    ).join(''),
    answers: ['e', 'Q'],
    maxNewTokens: 7,
  }),
};
const settings = { tokens: 110, seeds: [1, 2], budgets: [40, 200] };
const prompts: Awaited<ReturnType<typeof run>> = await run();

async function run() {
  const all = [];
  for await (const prompt of evaluate({
    ...settings,
    decoder: new RememberingDecoder(mockDecoder()),
    tokenizer,
    tasks: [task],
    methods: Object.fromEntries(Object.entries(methods).map(([name, make]) => [name, make()])),
  }))
    all.push(prompt);
  return all;
}

const answersAt = (budget: number) =>
  prompts.flatMap(({ marked }) => marked.filter((answer) => answer.budget === budget));

it('marks every method at every budget, the full cache first', () => {
  expect(prompts).toHaveLength(2);
  for (const { marked } of prompts) {
    expect(marked).toHaveLength(1 + 2 * Object.keys(methods).length);
    expect(marked[0]).toMatchObject({ method: 'full', budget: null, kl: 0, topOne: 1 });
  }
});

it('changes nothing where everything fits', () => {
  for (const answer of answersAt(200)) {
    const [full] = prompts[answer.seed - 1].marked;
    expect(answer).toEqual({ ...full, method: answer.method, budget: 200 });
  }
});

it('gives the text of a plain greedy run, and the divergence along the full answer', async () => {
  const seed = 2;
  const prompt = task.make({ seed, tokens: settings.tokens, tokenizer });
  const full = await answerInFull(mockDecoder(), tokenizer, prompt);
  const apart = new Set<string>();
  for (const [name, make] of Object.entries(methods)) {
    const drop = kvDrop({ policy: make(), budget: 40 });
    const plain = await pipeline(mockDecoder(), { tokenizer })
      .use(drop)
      .generate({ text: prompt.text }, { maxNewTokens: prompt.maxNewTokens, seed });
    const answer = answersAt(40).find((one) => one.method === name && one.seed === seed) as Answer;
    expect(answer.text, name).toBe(plain.text);
    if (plain.text !== full.text) apart.add(name);

    // The first token is chosen from the same place whatever is forced later.
    expect(answer.kl).toBeGreaterThan(0);
    expect(answer.topOne).toBeLessThanOrEqual(1);
    expect(answer.topOne === 1).toBe(plain.text === full.text);
  }
  expect(apart.size).toBeGreaterThan(3);
});

it('compares along the full answer, not along its own', async () => {
  const prompt = task.make({ seed: 1, tokens: settings.tokens, tokenizer });
  const full = await answerInFull(mockDecoder(), tokenizer, prompt);
  // The reference: the kept rows are those of streamingLLM, and the full answer's tokens are read
  // after them.
  const decoder = mockDecoder();
  const sequence = await decoder.open({ needs: ['kv.edit'] });
  const ids = tokenizer.encode(prompt.text);
  const last = ids.length - 1;
  await sequence.forward({ ids });
  const kept = Uint32Array.from({ length: 40 }, (_, i) => (i < 4 ? i : last - 40 + i));
  sequence.edit({ keep: () => kept, refeed: 1 });
  const fed = [ids[last], ...full.tokens.slice(0, -1)];
  let kl = 0;
  for (const [i, token] of fed.entries()) {
    const { logits } = await sequence.forward({ ids: Int32Array.of(token) });
    kl += divergence(full.rows[i], logits).kl / fed.length;
  }
  const answer = answersAt(40).find(({ method, seed }) => method === 'streamingLLM' && seed === 1);
  expect(answer?.kl).toBeCloseTo(kl, 10);
});
