// Situations that other projects had reports about (stop strings, limits, rollbacks, aborts inside
// of drafts), each against the plain run.
import { type GenerateOptions, type Generation, type Prompt, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { promptLookup } from './prompt-lookup/prompt-lookup.js';
import { selfSpeculate } from './self-speculate/self-speculate.js';

const tokenizer = mockTokenizer();
const prompt = { text: 'abcabcabcabcabc' };
const user = (content: string) => [{ role: 'user', content }];
const drafting = {
  promptLookup: () => promptLookup({ adaptive: false, draftTokens: 7 }),
  selfSpeculate: () => selfSpeculate({ layers: [1, 2], adaptive: false, draftTokens: 3 }),
};
type Name = keyof typeof drafting;
const names = Object.keys(drafting) as Name[];

function stackOf(name: Name | undefined, options = {}, own = tokenizer) {
  const plain = pipeline(mockDecoder(options), { tokenizer: own });
  if (name === undefined) return plain;
  return name === 'promptLookup'
    ? plain.use(drafting.promptLookup())
    : plain.use(drafting.selfSpeculate());
}
async function finish(generation: Generation) {
  while (!generation.done) await generation.step();
  return [...generation.tokens];
}
/** What a reader sees of a run, streamed too. */
async function seen(name: Name | undefined, given: Prompt, options: GenerateOptions, mock = {}) {
  let streamed = '';
  for await (const part of stackOf(name, mock).stream(given, options)) {
    if (part.type === 'text-delta') streamed += part.delta;
    if (part.type !== 'finish') continue;
    const { text, tokens, finishReason, warnings } = part.result;
    expect(streamed).toBe(text);
    return { text, tokens, finishReason, warnings };
  }
  throw new Error('the stream did not finish');
}

describe.each(names)('%s', (name) => {
  it('drafts, and some drafts are accepted', async () => {
    const { metrics } = await stackOf(name).generate(prompt, { maxNewTokens: 60 });
    const own = metrics.middlewares[name === 'promptLookup' ? 'prompt-lookup' : 'self-speculate'];
    expect(own.tokensDrafted).toBeGreaterThan(10);
    expect(own.tokensAccepted).toBeGreaterThan(0);
  });

  it('without any end token every token comes', async () => {
    const endless = { ...tokenizer, endOfText: new Set<number>() };
    const [plain, drafted] = await Promise.all(
      [undefined, name].map((how) =>
        stackOf(how, {}, endless).generate(prompt, { maxNewTokens: 40 }),
      ),
    );
    expect(drafted.tokens).toEqual(plain.tokens);
    expect(drafted.tokens).toHaveLength(40);
  });

  it('ends inside a draft at the limit and at the end of the context, with the same warnings', async () => {
    for (const maxNewTokens of [1, 2, 3, 5, 8])
      for (const maxPositions of [4096, 18, 17]) {
        const options = { maxNewTokens };
        expect(await seen(name, prompt, options, { maxPositions })).toEqual(
          await seen(undefined, prompt, options, { maxPositions }),
        );
      }
  });

  it('ends inside a draft at a stop string, or before one that only begins', async () => {
    const { text } = await seen(undefined, prompt, { maxNewTokens: 60 });
    for (let from = 1; from < 24; from += 3)
      for (const length of [1, 2, 4]) {
        const [first, later] = [text.slice(from, from + length), text.slice(from + 5, from + 7)];
        if (!first || !later) continue;
        for (const stop of [[first], [later, first], [first + later, later], [`${later}§`]])
          for (const maxNewTokens of [60, from + 2]) {
            const options = { maxNewTokens, stop };
            const drafted = await seen(name, prompt, options);
            expect(drafted).toEqual(await seen(undefined, prompt, options));
            for (const met of stop) expect(drafted.text).not.toContain(met);
          }
      }
  });

  it('gives the greedy text at the coldest temperatures', async () => {
    const { tokens } = await seen(undefined, prompt, { maxNewTokens: 12 });
    for (const temperature of [1e-3, 1e-6, 1e-30, 1e-300, 5e-324])
      expect((await seen(name, prompt, { maxNewTokens: 12, temperature, seed: 3 })).tokens).toEqual(
        tokens,
      );
  });

  it('goes on as without after a rollback into the middle of a draft', async () => {
    const { tokens } = await stackOf(undefined).generate(prompt, { maxNewTokens: 40 });
    for (const back of [1, 2, 3, 5, 9]) {
      const generation = await stackOf(name).start(prompt, { maxNewTokens: 40 });
      while (generation.tokens.length < 12) await generation.step();
      generation.rollback(back);
      await generation.step();
      generation.rollback(1);
      expect(await finish(generation)).toEqual(tokens);
      await generation.close();
    }
  });

  it('takes three turns as without, also after a stop string and an abort inside a draft', async () => {
    const play = async (how: Name | undefined, options: GenerateOptions, abortAt = 0) => {
      const controller = new AbortController();
      const stack = stackOf(how, { delay: abortAt > 0 ? 1 : 0 });
      const chat = await stack.start(
        { messages: user('Repeat: red boats and blue boats.') },
        { maxNewTokens: 24, ...options, signal: controller.signal },
      );
      while (!chat.done) {
        const step = chat.step();
        if (abortAt > 0 && chat.tokens.length >= abortAt) controller.abort();
        await step;
      }
      const all = [chat.result().finishReason, [...chat.tokens].slice(0, abortAt || undefined)];
      if (abortAt > 0) chat.rollback(chat.tokens.length - abortAt);
      for (const question of ['Again: red boats and blue boats.', 'And once more.']) {
        await chat.append(user(question), { maxNewTokens: 24 });
        all.push(await finish(chat));
      }
      await chat.close();
      return all;
    };
    const { text } = await stackOf(undefined).generate(
      { messages: user('Repeat: red boats and blue boats.') },
      { maxNewTokens: 24 },
    );
    expect(await play(name, {})).toEqual(await play(undefined, {}));
    for (const stop of [[text.slice(4, 5)], [text.slice(9, 12)]])
      expect(await play(name, { stop })).toEqual(await play(undefined, { stop }));
    expect(await play(name, {}, 6)).toEqual(await play(undefined, {}, 6));
  });
});

it('promptLookup gives the text of a seed, whatever the truncation', async () => {
  for (const options of [
    { temperature: 0.7, seed: 1 },
    { temperature: 1.3, seed: 2, topK: 40 },
    { temperature: 0.9, seed: 3, topP: 0.8 },
    { temperature: 1, seed: 4, minP: 0.05, repetitionPenalty: 1.2 },
  ])
    expect(await seen('promptLookup', prompt, { maxNewTokens: 40, ...options })).toEqual(
      await seen(undefined, prompt, { maxNewTokens: 40, ...options }),
    );
});
