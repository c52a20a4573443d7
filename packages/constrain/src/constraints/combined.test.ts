import { InvalidOptionsError, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { constrain } from '../constrain.js';
import { accepts, isViablePrefix } from '../contract/accepts.js';
import type { AsyncConstraint, Constraint } from '../contract/constraint.js';
import { isInMask, tokenMask } from '../contract/token-mask.js';
import { tokenTrie } from '../contract/token-trie.js';
import { allOf } from './all-of.js';
import { anyOf } from './any-of.js';
import { choice } from './choice.js';
import { not } from './not.js';
import { predicate } from './predicate.js';
import { regex } from './regex.js';

const tokenizer = mockTokenizer();
const trie = tokenTrie(tokenizer);
const prompt = { text: 'The answer: ' };
const short = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 5 });

/** Constraints with what they mean, put together at random. */
interface Meaning {
  readonly constraint: Constraint<unknown, unknown>;
  readonly means: (text: string) => boolean;
}
const leaf = fc.constantFrom<Meaning>(
  ...[/a*/, /[ab]*b/, /[\s\S]*/, /(?:aé|b)+/, /a[\s\S]*/].map((pattern) => ({
    constraint: regex(pattern),
    means: (text: string) => new RegExp(`^(?:${pattern.source})$`, 'u').test(text),
  })),
  {
    constraint: choice(['', 'a', 'ab', 'éa']),
    means: (text) => ['', 'a', 'ab', 'éa'].includes(text),
  },
  {
    constraint: predicate((text, { complete }) => !complete || text.length % 2 === 0),
    means: (text) => text.length % 2 === 0,
  },
);
const tree = fc.letrec<{ node: Meaning }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 2 },
    leaf,
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((parts) => ({
      constraint: allOf(parts.map(({ constraint }) => constraint)),
      means: (text: string) => parts.every(({ means }) => means(text)),
    })),
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((parts) => ({
      constraint: anyOf(parts.map(({ constraint }) => constraint)),
      means: (text: string) => parts.some(({ means }) => means(text)),
    })),
    tie('node').map(({ constraint, means }) => ({
      constraint: not(constraint),
      means: (text: string) => !means(text),
    })),
  ),
})).node;

describe('constraints put together', () => {
  it('mean what they say', () => {
    fc.assert(
      fc.property(tree, short, ({ constraint, means }, text) => {
        expect(accepts(constraint, text)).toBe(means(text));
        if (means(text))
          for (let end = 0; end <= text.length; end++)
            expect(isViablePrefix(constraint, text.slice(0, end))).toBe(true);
      }),
      { numRuns: 1500, seed: 1 },
    );
  });

  it('have masks that equal checks, and forced bytes, ends and completions that are right', () => {
    fc.assert(
      fc.property(tree, short, ({ constraint, means }, text) => {
        const start = constraint.start();
        const bytes = Buffer.from(text);
        const state = start && bytes.length > 0 ? constraint.advance(start, bytes) : start;
        if (state === undefined) return;
        const mask = tokenMask(constraint, state, trie);
        if (constraint.mustEnd?.(state)) expect(mask.some((word) => word !== 0)).toBe(false);
        else
          for (const id of trie.tokens)
            expect(isInMask(mask, id)).toBe(
              constraint.advance(state, tokenizer.bytes(id)) !== undefined,
            );
        const completion = constraint.completion?.(state);
        if (completion)
          expect(accepts(constraint, text + Buffer.from(completion).toString())).toBe(true);
        const forced = Buffer.from(constraint.forced?.(state) ?? []);
        for (const more of ['', 'a', 'b', 'é', 'ab', 'aé', 'éa', 'bb', 'aaa'])
          if (means(text + more) && (more !== '' || forced.length > 0))
            expect(Buffer.from(more).subarray(0, forced.length)).toEqual(forced);
        if (constraint.acceptsAll?.(state))
          for (const more of ['', 'a', 'éb', '?']) expect(means(text + more)).toBe(true);
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  it('steer a generation', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(
      constrain(
        allOf([
          anyOf([regex(/[a-z]{4,8}/), regex(/[0-9]{3}/)]),
          not(regex(/[\s\S]*[aeiou][\s\S]*/)),
          predicate((text) => !text.startsWith('x')),
        ]),
      ),
    );
    for (let seed = 0; seed < 8; seed++) {
      const { text, finishReason } = await stack.generate(prompt, { temperature: 1.5, seed });
      expect(finishReason).toBe('stop');
      expect(text).toMatch(/^(?:[b-df-hj-np-tv-z]{4,8}|[0-9]{3})$/);
      expect(text).not.toMatch(/^x/);
    }
  });

  it('never end a text that one of them lets go on no further and another not end', async () => {
    // A copy is a constraint like any other: nothing more is known of it.
    const parts = [{ ...regex(/[a-z]{3}/) }, not({ ...regex(/.*[a-m].*/) })] as const;
    const stack = pipeline(mockDecoder(), { tokenizer }).use(constrain(allOf(parts)));
    const reasons = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const { text, finishReason } = await stack.generate(prompt, { temperature: 2, seed });
      reasons.add(finishReason);
      if (finishReason === 'stop') expect(text).toMatch(/^[n-z]{3}$/);
    }
    expect(reasons).toContain('dead-end');
  });

  it('wait for the parts that answer later, and for those alone', async () => {
    const later = predicate(async (text) => text.length < 4);
    const both = allOf([regex(/[a-z]+/), later]);
    expectTypeOf(both).toExtend<AsyncConstraint>();
    expect(await accepts(both, 'abc')).toBe(true);
    expect(await accepts(both, 'abcd')).toBe(false);
    expect(accepts(both, 'ABC')).toBe(false);
    expect(await accepts(anyOf([later, regex(/x{9}/)]), 'x'.repeat(9))).toBe(true);
    expect(await accepts(not(later), 'abc')).toBe(false);
    const bytes = Buffer.from('ab');
    const pending = both.advance(both.start()!, bytes);
    bytes.fill(0);
    expect(await both.canEnd((await pending)!)).toBe(true);
    const stack = pipeline(mockDecoder(), { tokenizer }).use(constrain(both));
    expect((await stack.generate(prompt)).text).toMatch(/^[a-z]{1,3}$/);
  });

  it('have the value of the first part that has one, or of the part that is satisfied', async () => {
    const number = { ...regex(/\d+/), value: Number };
    const every = allOf([regex(/\d{2,3}/), number, choice(['12', '345'])]);
    expectTypeOf(every).toExtend<Constraint<unknown, number>>();
    expect(every.value?.('12')).toBe(12);
    const some = anyOf([number, choice(['none'])]);
    expectTypeOf(some.value!).returns.toEqualTypeOf<number | 'none'>();
    expect([some.value?.('12'), some.value?.('none')]).toEqual([12, 'none']);
    expect(allOf([regex(/a/)]).value).toBeUndefined();
    const { value } = await pipeline(mockDecoder(), { tokenizer })
      .use(constrain(every))
      .generate(prompt);
    expectTypeOf(value).toEqualTypeOf<number | undefined>();
    expect([12, 345]).toContain(value);
  });

  it('notice at once where a negation leaves nothing', () => {
    expect(not(regex(/[\s\S]*/)).start()).toBeUndefined();
    const noSugar = not(regex(/[\s\S]*sugar[\s\S]*/));
    expect(isViablePrefix(noSugar, 'a spoon of suga')).toBe(true);
    expect(isViablePrefix(noSugar, 'a spoon of sugar')).toBe(false);
    expect(accepts(noSugar, 'a spoon of suga')).toBe(true);
    const twice = not(not(regex(/a+/)));
    expect([isViablePrefix(twice, 'aa'), isViablePrefix(twice, 'ab')]).toEqual([true, false]);
  });

  it.each([[[]], [undefined], [[/a/]], [[regex(/a/), null]]])('refuse %j', (wrong) => {
    expect(() => allOf(wrong as never)).toThrow(InvalidOptionsError);
    expect(() => anyOf(wrong as never)).toThrow(InvalidOptionsError);
    expect(() => not(wrong as never)).toThrow(InvalidOptionsError);
  });
});
