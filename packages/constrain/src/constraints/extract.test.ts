import { InvalidOptionsError, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constrain } from '../constrain.js';
import { accepts, isViablePrefix } from '../contract/accepts.js';
import { tokenMask } from '../contract/token-mask.js';
import { tokenTrie } from '../contract/token-trie.js';
import { extract } from './extract.js';

const tokenizer = mockTokenizer();
const chars = fc.constantFrom('a', 'b', 'é', '€', '😀');
const texts = (maxLength: number) => fc.string({ unit: chars, maxLength });
const limits = fc
  .tuple(fc.nat({ max: 4 }), fc.option(fc.nat({ max: 4 }), { nil: undefined }))
  .map(([minLength, more]) => ({
    minLength,
    maxLength: more === undefined ? undefined : minLength + more,
  }));
const lengthOf = (text: string) => [...text].length;

describe('extract', () => {
  it('takes the spans of the text within the limits, and nothing else', () => {
    fc.assert(
      fc.property(texts(12), texts(5), limits, (text, span, options) => {
        const { minLength, maxLength = 99 } = options;
        const constraint = extract(text, options);
        const isWithin = lengthOf(span) >= minLength && lengthOf(span) <= maxLength;
        expect(accepts(constraint, span)).toBe(text.includes(span) && isWithin);
        // Alive as long as some span begins so.
        const all = [...text];
        const begins = all.some((_, from) => {
          const rest = all.slice(from);
          return rest.length >= minLength && rest.join('').startsWith(span);
        });
        const alive = lengthOf(span) <= maxLength && (begins || (span === '' && minLength === 0));
        expect(isViablePrefix(constraint, span)).toBe(alive);
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it('knows its tokens, what must follow, and how to end', () => {
    const trie = tokenTrie(tokenizer);
    fc.assert(
      fc.property(texts(14), limits, fc.nat(), (text, options, pick) => {
        const constraint = extract(text, options);
        let state = constraint.start();
        const bytes = Buffer.from(text);
        for (let at = bytes.length > 0 ? pick % bytes.length : 0; state; at++) {
          const mask = constraint.mask!(state, trie);
          expect(mask).toEqual(
            tokenMask({ ...constraint, mask: undefined, mustEnd: undefined }, state, trie),
          );
          if (constraint.mustEnd!(state)) expect(mask.every((word) => word === 0)).toBe(true);
          const rest = constraint.completion!(state)!;
          const end = rest.length === 0 ? state : constraint.advance(state, rest)!;
          expect(constraint.canEnd(end)).toBe(true);
          const forced = constraint.forced!(state);
          expect(rest.subarray(0, forced.length)).toEqual(forced);
          if (constraint.canEnd(state)) expect(forced).toHaveLength(0);
          state =
            at < bytes.length ? constraint.advance(state, bytes.subarray(at, at + 1)) : undefined;
        }
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('makes a model quote', async () => {
    const text = 'In the end the theory of the thing is in the making. € 5, 😀!';
    const stack = pipeline(mockDecoder(), { tokenizer }).use(
      constrain(extract(text, { minLength: 5, maxLength: 12 })),
    );
    for (let seed = 0; seed < 5; seed++) {
      const result = await stack.generate({ text: 'Quote: ' }, { temperature: 2, seed });
      expect(text).toContain(result.text);
      expect(lengthOf(result.text)).toBeGreaterThanOrEqual(5);
      expect(lengthOf(result.text)).toBeLessThanOrEqual(12);
      expect(result.value).toBe(result.text);
    }
  });

  it('takes a long text that repeats itself', () => {
    const text = 'abcab'.repeat(20_000);
    const constraint = extract(text, { maxLength: 50_000 });
    expect(accepts(constraint, text.slice(2, 40_000))).toBe(true);
    expect(isViablePrefix(constraint, `${text.slice(0, 40_000)}x`)).toBe(false);
  });

  it.each([
    ['a\ud800', {}],
    [5, {}],
    ['a', { minLength: -1 }],
    ['a', { minLength: 3, maxLength: 2 }],
    ['a', { length: 3 }],
    ['a'.repeat(10_000_001), {}],
  ])('refuses %.20j with %j', (text, options) => {
    expect(() => extract(text as never, options as object)).toThrow(InvalidOptionsError);
  });

  it('has no span where the text is too short', () => {
    expect(extract('').start()).toBeUndefined();
    expect(extract('ab', { minLength: 3 }).start()).toBeUndefined();
    expect(accepts(extract('', { minLength: 0 }), '')).toBe(true);
  });
});
