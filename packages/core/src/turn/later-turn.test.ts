import { describe, expect, it } from 'vitest';
import type { EncodedPrompt } from '../contract/tokenizer.js';
import { pipeline } from '../pipeline.js';
import { mockDecoder, mockTokenizer } from '../testing/index.js';
import { prependUnread } from './later-turn.js';

const end = { endOfText: new Set([2]), special: new Set([3]) };
const prompt = (...ids: number[]): EncodedPrompt => ({
  ids: Int32Array.from(ids),
  text: 'text',
  byteStart: Int32Array.from(ids, (_, i) => i),
  byteEnd: Int32Array.from(ids, (_, i) => i + 1),
  spans: [{ from: 0, to: ids.length, role: 'user', keep: 'may-drop' }],
});

describe('prependUnread', () => {
  it('puts tokens without text before the prompt, and moves its spans', () => {
    const { ids, byteStart, byteEnd, spans } = prependUnread([7, 8], prompt(5, 6), end);
    expect([...ids]).toEqual([7, 8, 5, 6]);
    expect([...byteStart]).toEqual([0, 0, 0, 1]);
    expect([...byteEnd]).toEqual([0, 0, 1, 2]);
    expect(spans).toMatchObject([{ from: 2, to: 4 }]);
  });

  it('leaves an end of text to the template that writes it', () => {
    expect([...prependUnread([7, 2], prompt(2, 6), end).ids]).toEqual([7, 2, 6]);
    expect([...prependUnread([2], prompt(2, 6), end).ids]).toEqual([2, 6]);
    expect([...prependUnread([7, 3], prompt(3, 6), end).ids]).toEqual([7, 3, 6]);
    // Equal to the prompt's first by chance: a line end of the answer, and one of the template.
    expect([...prependUnread([5], prompt(5, 6), end).ids]).toEqual([5, 5, 6]);
    expect([...prependUnread([7, 5], prompt(5, 6), end).ids]).toEqual([7, 5, 5, 6]);
    expect([...prependUnread([], prompt(5), end).ids]).toEqual([5]);
  });
});

it('a middleware can have the answer read again', async () => {
  const tokenizer = mockTokenizer();
  const read = async (rereads: boolean) => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer }).use({
      specificationVersion: 'v1',
      name: 'reread',
      requires: [],
      create: () => ({ rereadAnswer: () => rereads }),
    });
    const generation = await stack.start(
      { messages: [{ role: 'user', content: 'Hi' }] },
      { maxNewTokens: 4 },
    );
    while (!generation.done) await generation.step();
    const before = decoder.calls.length;
    await generation.append([{ role: 'user', content: 'And?' }]);
    const answer = decoder.calls.slice(1, before).flatMap((call) => call.ids);
    const ids = decoder.calls.slice(before).flatMap((call) => call.ids);
    await generation.step();
    const { tokens } = generation;
    await generation.close();
    return { ids, answer, tokens: [...tokens], position: decoder.calls[before].positions[0] };
  };
  const [anew, goingOn] = [await read(true), await read(false)];
  expect(anew.ids).toEqual([...anew.answer, ...goingOn.ids]);
  expect(goingOn.position - anew.position).toBe(anew.answer.length);
  // Every layer ran both times, so nothing else changes.
  expect(anew.tokens).toEqual(goingOn.tokens);
});
