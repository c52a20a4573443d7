import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepTokens } from './keep-tokens.js';

const prompt = {
  ids: Int32Array.of(10, 11, 12, 13, 14),
  text: 'a b c d e',
  byteStart: Int32Array.of(0, 1, 3, 5, 7),
  byteEnd: Int32Array.of(1, 3, 5, 7, 9),
  spans: [
    { from: 0, to: 2, role: 'system', keep: 'always' },
    { from: 2, to: 4, role: 'user', keep: 'may-drop' },
    { from: 4, to: 5, role: 'assistant', keep: 'may-drop' },
  ] as const,
};

describe('keepTokens', () => {
  it('keeps ids with their byte ranges, moves spans and drops empty ones', () => {
    expect(keepTokens(prompt, Int32Array.of(0, 1, 4))).toEqual({
      ids: Int32Array.of(10, 11, 14),
      text: 'a b c d e',
      byteStart: Int32Array.of(0, 1, 7),
      byteEnd: Int32Array.of(1, 3, 9),
      spans: [
        { from: 0, to: 2, role: 'system', keep: 'always' },
        { from: 2, to: 3, role: 'assistant', keep: 'may-drop' },
      ],
    });
  });

  it('leaves every kept token in its span and out of the others', () => {
    fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3, 4]), (kept) => {
        const shorter = keepTokens(prompt, Int32Array.from(kept));
        const roleOf = (spans: typeof shorter.spans, token: number) =>
          spans.find(({ from, to }) => from <= token && token < to)?.role;
        kept.forEach((token, i) => {
          expect(roleOf(shorter.spans, i)).toBe(roleOf(prompt.spans, token));
        });
        const spanned = shorter.spans.reduce((sum, { from, to }) => sum + to - from, 0);
        expect(spanned).toBe(kept.length);
      }),
      { seed: 3 },
    );
  });
});
