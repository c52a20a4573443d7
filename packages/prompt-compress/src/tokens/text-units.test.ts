import { encodePrompt, type Message } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteTokenizer } from '../testing/other-tokenizers.test.support.js';
import { roughText } from '../testing/rough-text.test.support.js';
import { tokenCharacters } from './characters.js';
import { textUnits } from './text-units.js';

const bytes = byteTokenizer();
const tokenizer = mockTokenizer();

function unitsOf(
  given: string | readonly Message[],
  unit: 'sentence' | 'line',
  { used = bytes } = {},
): string[] {
  const prompt = encodePrompt(
    typeof given === 'string' ? { text: given } : { messages: given },
    used,
  );
  return textUnits(prompt, tokenCharacters(prompt), unit).map(({ from, to }) =>
    Buffer.concat(Array.from(prompt.ids.slice(from, to), used.bytes)).toString(),
  );
}

describe('textUnits', () => {
  it('finds lines with their ends', () => {
    expect(unitsOf('One 😀\r\n\r\ntwo\nthree\rfour', 'line')).toEqual([
      'One 😀\r\n',
      '\r\n',
      'two\n',
      'three\r',
      'four',
    ]);
  });

  it('finds sentences with the blanks and line ends before them', () => {
    expect(unitsOf('It is 3.5 km. Go! 😀 Why?\r\nNo end\nNext. 日本。終 \n', 'sentence')).toEqual([
      'It is 3.5 km.',
      ' Go!',
      ' 😀 Why?',
      '\r\nNo end',
      '\nNext.',
      ' 日本。',
      '終 \n',
    ]);
  });

  it('takes blanks alone as one', () => {
    expect(unitsOf(' \r\n ', 'sentence')).toEqual([' \r\n ']);
  });

  it('gives a token on a border to the unit in which it begins', () => {
    // '. ' and '\n\n' are tokens of the mock tokenizer.
    expect(unitsOf('One.\n\nTwo', 'line', { used: tokenizer })).toEqual(['One.\n\n', 'Two']);
  });

  it('leaves a character whole that begins a unit within a token of the one before', () => {
    const tokens = [Buffer.from('a\n\u{1F600}').subarray(0, 4), Buffer.from([0x98, 0x80, 0x62])];
    const used = {
      ...bytes,
      encode: () => Int32Array.of(0, 1),
      bytes: (id: number) => tokens[id],
    };
    expect(unitsOf('a\n😀b', 'line', { used })).toEqual(['a\n😀b']);
  });

  it('ends at the borders of messages', () => {
    const messages = [
      { role: 'user', content: 'No end' },
      { role: 'assistant', content: 'One. Two.' },
    ];
    const units = unitsOf(messages, 'sentence', { used: tokenizer });
    for (const unit of ['No end', 'One. ', 'Two.']) expect(units).toContain(unit);
    expect(units.join('')).toBe(tokenizer.renderChat(messages));
  });

  it('covers every token once and splits no character', () => {
    const kinds = fc.constantFrom('sentence' as const, 'line' as const);
    fc.assert(
      fc.property(roughText, kinds, fc.constantFrom(tokenizer, bytes), (text, unit, used) => {
        const units = unitsOf(text, unit, { used });
        expect(units.join('')).toBe(text);
        for (const found of units) expect(found).not.toBe('');
      }),
      { seed: 5 },
    );
  });
});
