import { randomStream } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { fillPrompt } from './fill-prompt.js';
import { hide, hideSentences, spreadDepths } from './hide-sentences.js';

const tokenizer = mockTokenizer();

describe('fillPrompt', () => {
  it('takes as many units as fit', () => {
    const render = (count: number) => `[${'x'.repeat(count)}]`;
    for (const tokens of [3, 4, 10, 19])
      expect(fillPrompt({ tokenizer, tokens, units: 18, render })).toBe(render(tokens - 2));
    expect(() => fillPrompt({ tokenizer, tokens: 2, units: 18, render })).toThrow('too few');
    expect(() => fillPrompt({ tokenizer, tokens: 20, units: 18, render })).toThrow('too short');
  });
});

describe('hide', () => {
  it('puts sentences before the one at their depth', () => {
    const hidden = [
      { sentence: 'Second.', depth: 0.5 },
      { sentence: 'First.', depth: 0.25 },
    ];
    expect(hide('A. B. C. D.', hidden)).toBe('A. First. B. Second. C. D.');
  });
});

describe('hideSentences', () => {
  it('begins in the first half of the haystack', () => {
    const text = (start: number) =>
      hideSentences({
        tokenizer,
        tokens: 12,
        haystack: 'One. Two. Three. Four. Five. Six. Seven. Eight.',
        start,
        hidden: [{ sentence: 'X.', depth: 0.5 }],
        render: (text) => text,
      });
    expect(text(0)).toBe('One. X. Two.');
    expect(text(0.99)).toBe('Four. X. Five.');
  });
});

it('spreadDepths keeps to its parts', () => {
  const random = randomStream(1, 'test');
  for (let i = 0; i < 100; i++) {
    const [first, second] = spreadDepths(2, random);
    expect(first).toBeGreaterThan(0.1);
    expect(first).toBeLessThan(0.5);
    expect(second).toBeGreaterThan(0.5);
    expect(second).toBeLessThan(0.9);
  }
});
