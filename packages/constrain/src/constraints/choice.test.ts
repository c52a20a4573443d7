import { InvalidOptionsError, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { constrain } from '../constrain.js';
import { accepts, isViablePrefix } from '../contract/accepts.js';
import { tokenMask } from '../contract/token-mask.js';
import { tokenTrie } from '../contract/token-trie.js';
import { choice } from './choice.js';

const tokenizer = mockTokenizer();
const trie = tokenTrie(tokenizer);
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('choice', () => {
  it('is one of the texts, any of their beginnings before, and nothing else', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(short, { minLength: 1, maxLength: 6 }), short, (texts, other) => {
        const constraint = choice(texts);
        for (const one of texts) expect(accepts(constraint, one)).toBe(true);
        expect(accepts(constraint, other)).toBe(texts.includes(other));
        expect(isViablePrefix(constraint, other)).toBe(texts.some((one) => one.startsWith(other)));
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('knows what must follow, how to end, and which tokens may follow', () => {
    const texts = ['the thing', 'the theory', 'é!', 'the'];
    const constraint = choice(texts);
    for (const one of texts) {
      const bytes = Buffer.from(one);
      let state = constraint.start()!;
      for (let at = 0; at <= bytes.length; at++) {
        const begun = Buffer.from(one).subarray(0, at);
        const left = texts
          .map((other) => Buffer.from(other))
          .filter((other) => other.subarray(0, at).equals(begun))
          .map((other) => text(other.subarray(at)));
        const forced = text(constraint.forced!(state));
        for (const rest of left) expect(rest.startsWith(forced)).toBe(true);
        if (left.length === 1) expect(forced).toBe(left[0]);
        expect(left).toContain(text(constraint.completion!(state)!));
        expect(constraint.mustEnd!(state)).toBe(left.length === 1 && left[0] === '');
        expect(constraint.mask!(state, trie)).toEqual(
          tokenMask({ ...constraint, mask: undefined, mustEnd: undefined }, state, trie),
        );
        if (at < bytes.length) state = constraint.advance(state, bytes.subarray(at, at + 1))!;
      }
    }
  });

  it('gives the text as a typed value', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(constrain(choice(['yes', 'no'])));
    const { value } = await stack.generate({ text: 'Is it? ' });
    expectTypeOf(value).toEqualTypeOf<'yes' | 'no' | undefined>();
    expect(['yes', 'no']).toContain(value);
  });

  it('takes many long texts', () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `${i % 7}${'x'.repeat(100)}${i}`);
    const constraint = choice(texts);
    expect(accepts(constraint, texts[12_345])).toBe(true);
    expect(accepts(constraint, `${texts[12_345]}0`)).toBe(false);
  });

  it.each([[[]], [['a\ud800']], ['abc'], [[1]]])('refuses %j', (wrong) => {
    expect(() => choice(wrong as never)).toThrow(InvalidOptionsError);
  });
});
