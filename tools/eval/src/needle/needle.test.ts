import { readText } from '@pliant/fixtures';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer } from '@pliant/transformers';
import { describe, expect, it } from 'vitest';
import { isRight, makeNeedle, type Needle, rightDigits } from './needle.js';

const haystack = readText('texts/alice29.txt');
const tokenizer = await openTokenizer(smollm2);
const make = (seed: number, tokens = 600) => makeNeedle({ seed, tokens, haystack, tokenizer });
const made: Needle[] = [];
/** Needles of 600 tokens, made once. */
function needle(seed: number): Needle {
  made[seed] ??= make(seed);
  return made[seed];
}

describe('makeNeedle', () => {
  it('is decided by the seed', () => {
    expect(make(1)).toEqual(needle(1));
    expect(new Set([1, 2, 3, 4, 5].map((seed) => needle(seed).answer)).size).toBe(5);
  });

  it.each([256, 600, 1000, 2048])('fills %i tokens', (tokens) => {
    const length = tokenizer.encode(make(3, tokens).text).length;
    expect(length).toBeLessThanOrEqual(tokens);
    expect(length).toBeGreaterThan(tokens - 16);
  });

  it('hides the number once, at its depth', () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const { text, answer, sentence, depth } = needle(seed);
      expect(text.split(answer)).toHaveLength(2);
      expect(sentence).toContain(answer);
      expect(depth).toBeGreaterThanOrEqual(0.1);
      expect(depth).toBeLessThan(0.9);
      expect(text.indexOf(sentence) / text.length).toBeCloseTo(depth, 0.5);
    }
  });

  it("ends inside the assistant's answer", () => {
    expect(needle(1).text).toMatch(
      /<\|im_start\|>assistant\nThe special magic number for [a-z-]+ mentioned in the provided text is$/,
    );
  });

  it('refuses lengths that leave no room, or that the text does not have', () => {
    expect(() => make(1, 40)).toThrow(RangeError);
    const short = haystack.slice(0, 6000);
    expect(() => makeNeedle({ seed: 1, tokens: 4000, haystack: short, tokenizer })).toThrow(
      RangeError,
    );
  });
});

describe('isRight', () => {
  it('takes the first number, to the digit', () => {
    expect(isRight(': 18271.', { answer: '18271' })).toBe(true);
    expect(isRight(' 18271, not 99999', { answer: '18271' })).toBe(true);
    expect(isRight(' 182715', { answer: '18271' })).toBe(false);
    expect(isRight(' 1827', { answer: '18271' })).toBe(false);
    expect(isRight(' hidden', { answer: '18271' })).toBe(false);
  });
});

describe('rightDigits', () => {
  it('counts the leading ones', () => {
    expect(rightDigits(' 18299', { answer: '18271' })).toBe(3);
    expect(rightDigits(' 98271', { answer: '18271' })).toBe(0);
    expect(rightDigits('', { answer: '18271' })).toBe(0);
  });
});
