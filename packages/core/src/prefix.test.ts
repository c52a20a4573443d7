import { describe, expect, it } from 'vitest';
import { PromptError, StateError } from './contract/errors.js';
import type { Generation } from './contract/generation.js';
import { pipeline } from './pipeline.js';
import { mockDecoder, mockTokenizer } from './testing/index.js';

const tokenizer = { ...mockTokenizer(), endOfText: new Set<number>() };
const prefix = [
  { role: 'system', content: 'You count boats.' },
  { role: 'user', content: 'On Monday three boats came in, on Tuesday five.' },
];
const ask = (content: string) => [{ role: 'user', content }];

async function answer(generation: Generation): Promise<string> {
  while (!generation.done) await generation.step();
  const { text } = generation;
  await generation.close();
  return text;
}

describe('read', () => {
  it('answers each question as if everything had been read for it, and reads the beginning once', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer });
    const read = await stack.read({ messages: prefix }, { maxNewTokens: 8 });
    for (const question of ['How many?', 'On which day were there more?']) {
      const copy = await read.fork({ seed: 0 });
      const before = decoder.calls.length;
      await copy.append(ask(question));
      const tokens = decoder.calls.slice(before).reduce((sum, { ids }) => sum + ids.length, 0);
      const messages = [...prefix, ...ask(question)];
      const whole = await stack.generate({ messages }, { maxNewTokens: 8 });
      expect(tokens).toBeLessThan(whole.metrics.promptTokens / 2);
      expect(await answer(copy)).toBe(whole.text);
    }
    await read.close();
    expect(decoder.openSequences).toBe(0);
  });

  it('gives nothing to step until a question is asked', async () => {
    const read = await pipeline(mockDecoder(), { tokenizer }).read({ messages: prefix });
    await expect(read.step()).rejects.toThrow(StateError);
    await expect(read.step()).rejects.toThrow('append()');
    await read.append(ask('How many?'), { maxNewTokens: 4 });
    expect(read.tokens).toEqual([]);
    await answer(read);
    expect(read.result()).toMatchObject({ finishReason: 'length' });
  });

  it('that was aborted on the way is no beginning to go on from', async () => {
    const abort = new AbortController();
    const stack = pipeline(mockDecoder(), { tokenizer, chunkSize: 16 }).use({
      specificationVersion: 'v1',
      name: 'aborting',
      requires: [],
      create: () => ({
        editCache() {
          abort.abort();
          return undefined;
        },
      }),
    });
    const read = await stack.read({ messages: prefix }, { signal: abort.signal });
    expect(read.result().finishReason).toBe('aborted');
    await expect(read.append(ask('How many?'), {})).rejects.toThrow(StateError);
    await expect(read.fork({ seed: 0 })).rejects.toThrow(StateError);
    await expect(read.save('never')).rejects.toThrow(StateError);
    await read.close();
  });

  it('refuses an empty beginning before any work', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer });
    await expect(stack.read({ messages: [] })).rejects.toThrow(PromptError);
    expect(decoder.calls).toEqual([]);
  });
});
