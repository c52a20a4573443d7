import { encodePrompt } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteTokenizer } from '../testing/other-tokenizers.test.support.js';
import { roughText } from '../testing/rough-text.test.support.js';
import { characterBlocks, spellsText, tokenCharacters } from './characters.js';

const tokenizer = mockTokenizer();
const bytes = byteTokenizer();

describe('tokenCharacters', () => {
  it('gives a token of a part of a character the whole of it', () => {
    const { start, end } = tokenCharacters(encodePrompt({ text: 'a😀é\r\n' }, bytes));
    expect([...start]).toEqual([0, 1, 1, 1, 1, 3, 3, 4, 5]);
    expect([...end]).toEqual([1, 3, 3, 3, 3, 4, 4, 5, 6]);
  });
});

describe('characterBlocks', () => {
  it('splits no character and covers every token', () => {
    fc.assert(
      fc.property(roughText, fc.constantFrom(tokenizer, bytes), (text, used) => {
        const prompt = encodePrompt({ text }, used);
        const characters = tokenCharacters(prompt);
        let next = 0;
        let joined = '';
        for (const { from, to } of characterBlocks(characters)) {
          expect(from).toBe(next);
          next = to;
          const block = Buffer.concat(
            Array.from(prompt.ids.slice(from, to), used.bytes),
          ).toString();
          expect(block).toBe(text.slice(characters.start[from], characters.end[to - 1]));
          joined += block;
        }
        expect(next).toBe(prompt.ids.length);
        expect(joined).toBe(text);
      }),
      { seed: 1 },
    );
  });
});

describe('spellsText', () => {
  it('tells ids that are text from ids that are not', () => {
    const spells = (ids: number[]) => spellsText(encodePrompt({ ids }, bytes), bytes.bytes);
    expect(spells([...Buffer.from('a😀')])).toBe(true);
    expect(spells([0xef, 0xbf, 0xbd])).toBe(true);
    expect(spells([0xff, 0x61])).toBe(false);
    expect(spells([...Buffer.from('a😀').subarray(0, 3)])).toBe(false);
  });
});
