import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StringRules } from '../strings/string-rules.js';
import { Formulas, never } from './formula.js';
import { fromBytes, toBytes, WordList } from './word-list.js';

const formulas = new Formulas();
const strings = new StringRules(formulas);
const text = fc.string({ unit: 'grapheme', maxLength: 4 });

describe('WordList', () => {
  it('holds its words and lives as long as one begins so', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 20 }), text, (words, candidate) => {
        const start = WordList.of(words).start(formulas);
        const bytes = toBytes(candidate);
        expect(strings.end(strings.stepAll(start, bytes), bytes) !== never).toBe(
          words.includes(candidate),
        );
        expect(strings.stepAll(start, bytes) !== never).toBe(
          words.some((word) => toBytes(word).startsWith(bytes)),
        );
      }),
    );
  });

  it('can count other strings and leave some words out', () => {
    const list = new WordList(['a', 'ab', 'b'], [true, false, true], true).start(formulas);
    const accepts = (word: string) => strings.end(strings.stepAll(list, word), word) !== never;
    expect(['a', 'ab', 'b', 'abc', '', 'c'].map(accepts)).toEqual([
      true,
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  it('turns text into bytes and back', () => {
    fc.assert(fc.property(text, (word) => fromBytes(toBytes(word)) === word));
  });
});
