import { mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCases } from '../cases/read-cases.test.support.js';
import { accepts, isViablePrefix } from '../contract/accepts.js';
import { tokenMask } from '../contract/token-mask.js';
import { tokenTrie } from '../contract/token-trie.js';
import { UnsupportedSchemaError } from '../json/schema/unsupported-schema-error.js';
import { UnsupportedPatternError } from '../regex/syntax/unsupported-pattern-error.js';
import { jsonSchema } from './json-schema.js';
import { regex } from './regex.js';

interface Case {
  readonly id: string;
  readonly shape: string;
  readonly pattern: string;
  readonly expect: 'compile' | 'refuse';
  readonly accept: readonly string[];
  readonly reject: readonly string[];
  /** Beginnings that no continuation completes. */
  readonly dead?: readonly string[];
}
const cases = readCases<Case>('lookaround.jsonl');
const inQuotes = (text: string) => JSON.stringify(text);

describe('patterns that people write', () => {
  it.each(cases.filter((row) => row.expect === 'compile'))(
    '$id: $shape',
    ({ pattern, accept, reject, dead = [] }) => {
      const schema = jsonSchema({ type: 'string', pattern });
      const anywhere = regex(new RegExp(`[^]*(?:${pattern})[^]*`));
      for (const text of [...accept, ...reject]) {
        const isRight = accept.includes(text);
        expect(accepts(schema, inQuotes(text)), text).toBe(isRight);
        expect(accepts(anywhere, text), text).toBe(isRight);
        expect(new RegExp(pattern, 'u').test(text), text).toBe(isRight);
      }
      for (const text of accept)
        for (let length = 0; length <= text.length; length++) {
          const beginning = text.slice(0, length);
          if (!/[\ud800-\udfff]$/.test(beginning))
            expect(isViablePrefix(anywhere, beginning)).toBe(true);
        }
      for (const text of dead) {
        expect(isViablePrefix(schema, inQuotes(text).slice(0, -1)), text).toBe(false);
        expect(isViablePrefix(anywhere, text), text).toBe(false);
      }
    },
  );

  it.each(cases.filter((row) => row.expect === 'refuse'))('refuses $id: $shape', ({ pattern }) => {
    expect(() => jsonSchema({ type: 'string', pattern })).toThrow(UnsupportedSchemaError);
    expect(() => regex(new RegExp(pattern))).toThrow(UnsupportedPatternError);
  });
});

/** Sources of patterns over a, b and the newline, with everything that looks around, nested. */
const source = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        ...['a', 'b', 'ab', '.', '[^a]', '[^]', '\\w', '\\n', '\\b', '\\B', '^', '$', ''],
      ),
    },
    { weight: 4, arbitrary: fc.tuple(tie('pattern'), tie('pattern')).map((two) => two.join('')) },
    {
      weight: 2,
      arbitrary: fc.tuple(tie('pattern'), tie('pattern')).map((two) => `(?:${two.join('|')})`),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom('?=', '?!', '?<=', '?<!'), tie('pattern'))
        .map(([look, part]) => `(${look}${part})`),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '*?'))
        .map(([part, count]) => `(?:${part})${count}`),
    },
  ),
})).pattern;

const alphabet = ['a', 'b', '\n'];
const textsUpTo = (length: number): string[] =>
  length === 0
    ? ['']
    : ['', ...textsUpTo(length - 1).flatMap((text) => alphabet.map((char) => char + text))];

const utf8 = new TextEncoder();
function stateAfter(constraint: ReturnType<typeof regex>, text: string) {
  const start = constraint.start();
  return text === '' || !start ? start : constraint.advance(start, utf8.encode(text));
}

describe('random patterns that look around', () => {
  const patterns = fc.record({
    pattern: source,
    flags: fc.constantFrom('', 'm', 's', 'u', 'i', 'imsu'),
  });

  it('take what RegExp takes, and no beginning that nothing completes', () => {
    const texts = [...new Set(textsUpTo(5))];
    fc.assert(
      fc.property(patterns, ({ pattern, flags }) => {
        const constraint = regex(new RegExp(pattern, flags));
        // Flag m makes lines of ^ and $.
        const whole = new RegExp(`(?<![^])(?:${pattern})(?![^])`, flags);
        const begun = new Set<string>();
        for (const text of texts) {
          const isRight = whole.test(text);
          if (accepts(constraint, text) !== isRight) expect.fail(`${inQuotes(text)}: ${isRight}`);
          for (let n = 0; isRight && n <= text.length; n++) begun.add(text.slice(0, n));
        }
        for (const text of texts) {
          const state = stateAfter(constraint, text);
          if (begun.has(text) && !state) expect.fail(`${inQuotes(text)} can be completed`);
          if (!state || begun.has(text)) continue;
          const rest = new TextDecoder().decode(constraint.completion!(state));
          if (!whole.test(text + rest))
            expect.fail(`${inQuotes(text)} is not completed by ${rest}`);
        }
      }),
      { numRuns: 400, seed: 14 },
    );
  });

  it('have the masks that advance has, and know where they end and where all is right', () => {
    const trie = tokenTrie(mockTokenizer());
    const texts = [...new Set(textsUpTo(2))];
    const longer = [...new Set(textsUpTo(3))];
    fc.assert(
      fc.property(patterns, ({ pattern, flags }) => {
        const constraint = regex(new RegExp(pattern, flags));
        const { mask: _, ...plain } = constraint;
        for (const text of texts) {
          const state = stateAfter(constraint, text);
          if (!state) continue;
          const mask = constraint.mask!(state, trie);
          expect(mask).toEqual(tokenMask(plain, state, trie));
          const isLast = longer.every(
            (rest) => rest === '' || !stateAfter(constraint, text + rest),
          );
          if (constraint.mustEnd!(state)) expect(isLast).toBe(true);
          if (constraint.acceptsAll!(state))
            for (const rest of longer) expect(accepts(constraint, text + rest)).toBe(true);
        }
      }),
      { numRuns: 40, seed: 14 },
    );
  });
});

describe('look-arounds', () => {
  const after = (constraint: ReturnType<typeof regex>, bytes: number[]) =>
    constraint.advance(constraint.start()!, Uint8Array.from(bytes));

  it('that forbid U+FFFD forbid bytes that are no UTF-8, which are shown so', () => {
    expect(after(regex(/[\s\S]*/), [0xff])).toBeDefined();
    expect(after(regex(/(?![\s\S]*\ufffd)[\s\S]*/), [0xff])).toBeUndefined();
    expect(after(regex(/(?!(?!a))[\s\S]*/), [0xff])).toBeUndefined();
    expect(after(regex(/(?!a)[\s\S]*/), [0xff])).toBeDefined();
  });

  it('see whole characters, also from inside of one', () => {
    const constraint = regex(/(?!é)[à-ÿ](?<=[è-ê])/);
    expect(after(constraint, [0xc3])).toBeDefined();
    expect(after(constraint, [...Buffer.from('é')])).toBeUndefined();
    expect(accepts(constraint, 'è')).toBe(true);
    expect(accepts(constraint, 'à')).toBe(false);
  });

  it('let what must follow be known', () => {
    const constraint = regex(/(?=id:)[a-z:]{3,5}(?<=:x+)/);
    expect(new TextDecoder().decode(constraint.forced!(constraint.start()!))).toBe('id:');
    const nothing = regex(/(?=a)b/);
    expect(nothing.start()).toBeUndefined();
  });

  it('are refused beyond a bound of states', () => {
    const tangled = () => {
      const constraint = regex(/(?:(?=[ab]{0,15}c)a|b)*/);
      return constraint.advance(constraint.start()!, utf8.encode('a'));
    };
    expect(tangled).toThrow(
      expect.objectContaining({
        constructor: UnsupportedPatternError,
        message: expect.stringContaining('10000 states'),
      }),
    );
  });
});
