import { encodePrompt } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { byteTokenizer } from '../testing/other-tokenizers.test.support.js';
import { tokenCharacters } from '../tokens/characters.js';
import { droppedCharacters, droppedOfMessages } from './dropped.js';

const bytes = byteTokenizer();
const tokenizer = mockTokenizer();

describe('droppedCharacters', () => {
  const prompt = encodePrompt({ text: 'a😀e\u0301\r\nb' }, bytes);
  const characters = tokenCharacters(prompt);
  const dropped = (...tokens: number[]) =>
    droppedCharacters(
      characters,
      Int32Array.from([...prompt.ids.keys()].filter((token) => !tokens.includes(token))),
    ).map(({ from, to }) => prompt.text.slice(from, to));

  it('joins neighbours and counts in UTF-16', () => {
    expect(dropped()).toEqual([]);
    expect(dropped(0, 10)).toEqual(['a', 'b']);
    expect(dropped(1, 2, 3, 4, 5)).toEqual(['😀e']);
    expect(dropped(6, 7, 8)).toEqual(['\u0301\r']);
  });

  it('tells a character as dropped of which a part is', () => {
    expect(dropped(2)).toEqual(['😀']);
    expect(dropped(2, 4)).toEqual(['😀']);
    expect(dropped(0, 4, 5)).toEqual(['a😀e']);
  });
});

describe('droppedOfMessages', () => {
  it('counts in the content as given, also where the template trims it', () => {
    const messages = [
      { role: 'system', content: '' },
      { role: 'user', content: '\r\n 😀 one two  ' },
      { role: 'user', content: 'three' },
    ];
    const trimming = {
      ...tokenizer,
      renderChat: (given: typeof messages, options?: { continueLast?: boolean }) =>
        tokenizer.renderChat(
          given.map((message) => ({ ...message, content: message.content.trim() })),
          options,
        ),
    };
    for (const used of [tokenizer, trimming]) {
      const { text, spans } = encodePrompt({ messages }, used);
      const from = text.indexOf('one');
      const ranges = [
        { from: 0, to: 3 },
        { from, to: from + 3 },
        // From the end of the one message to the beginning of the other.
        { from: text.indexOf('two'), to: text.indexOf('three') + 2 },
      ];
      const told = droppedOfMessages(ranges, spans).map(({ message, from, to }) => [
        message,
        messages[message].content.slice(from, to),
      ]);
      expect(told).toEqual([
        [1, 'one'],
        [1, 'two'],
        [2, 'th'],
      ]);
    }
  });

  it('knows no messages of a plain prompt', () => {
    const { spans } = encodePrompt({ text: 'abc' }, tokenizer);
    expect(droppedOfMessages([{ from: 0, to: 2 }], spans)).toEqual([]);
  });
});
