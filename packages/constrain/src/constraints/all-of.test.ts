import { pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constrain } from '../constrain.js';
import { accepts, isViablePrefix } from '../contract/accepts.js';
import type { Constraint } from '../contract/constraint.js';
import { allOf } from './all-of.js';
import { anyOf } from './any-of.js';
import { choice } from './choice.js';
import { jsonSchema } from './json-schema.js';
import { not } from './not.js';
import { predicate } from './predicate.js';
import { regex } from './regex.js';

const textsUpTo = (length: number): string[] =>
  length === 0
    ? ['']
    : [
        '',
        ...textsUpTo(length - 1).flatMap((text) => ['a', 'b', 'c', 'd'].map((char) => char + text)),
      ];

describe('allOf of regular expressions', () => {
  /** A constraint and the pattern that says the same. */
  const leaf = fc
    .constantFrom(
      'a*b*',
      '[ab]*c',
      '(?:ab)*',
      '[^]{2,3}',
      '[^]*b[^]*',
      '(?!aa)[^]*',
      'a[^]*|[^]*c',
      'b+',
      '',
    )
    .map((source) => ({ constraint: regex(new RegExp(source)) as Constraint, source }));
  const node = fc.letrec<{ node: { constraint: Constraint; source: string } }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 2 },
      leaf,
      tie('node').map(({ constraint, source }) => ({
        constraint: not(constraint) as Constraint,
        source: `(?!(?:${source})$)[^]*`,
      })),
      fc.tuple(tie('node'), tie('node')).map((two) => ({
        constraint: anyOf(two.map(({ constraint }) => constraint)) as Constraint,
        source: `(?:${two[0].source}|${two[1].source})`,
      })),
      fc.tuple(tie('node'), tie('node')).map((two) => ({
        constraint: allOf(two.map(({ constraint }) => constraint)) as Constraint,
        source: `(?=(?:${two[0].source})$)(?:${two[1].source})`,
      })),
    ),
  })).node;

  it('knows at each byte whether some text satisfies all', () => {
    const texts = [...new Set(textsUpTo(4))];
    fc.assert(
      fc.property(node, node, (one, other) => {
        const both = allOf([one.constraint, other.constraint]);
        const [first, second] = [one, other].map(({ source }) => new RegExp(`^(?:${source})$`));
        const begun = new Set<string>();
        for (const text of texts) {
          const isRight = first.test(text) && second.test(text);
          if (accepts(both, text) !== isRight) expect.fail(`${text}: ${isRight}`);
          for (let n = 0; isRight && n <= text.length; n++) begun.add(text.slice(0, n));
        }
        // What these ask is decided within two more characters.
        for (const text of texts)
          if (text.length <= 2 && isViablePrefix(both, text) !== begun.has(text))
            expect.fail(`${text} is viable: ${!begun.has(text)}`);
      }),
      { numRuns: 150, seed: 5 },
    );
  });

  it('takes parts as they are where the limits leave it open', () => {
    const tangled = regex(/(?:a[ab]{0,30}c|[ab])*/);
    const both = allOf([tangled, not(regex(/(?:b[ab]{0,30}c|[ab])*/)), regex(/.*/)]);
    expect(accepts(both, 'aac')).toBe(true);
    expect(accepts(both, 'bac')).toBe(false);
  });
});

describe('allOf of other parts', () => {
  const digits = regex(/\d+/);
  it.each([
    ['a string and digits', [jsonSchema({ type: 'string' }), digits]],
    ['words of a list and others', [choice(['yes', 'no']), not(choice(['yes', 'no', 'maybe']))]],
    ['words and a pattern', [choice(['one', 'two']), regex(/t[a-v]*/)]],
    ['a part that nothing satisfies', [digits, jsonSchema(false)]],
  ])('notices at the start that they cannot meet: %s', (_, parts) => {
    const both = allOf(parts as Constraint[]);
    expect(both.start()).toBeUndefined();
  });

  it.each([
    ['a number and digits', [jsonSchema({ type: 'integer' }), digits], '12'],
    ['long texts', [jsonSchema({ type: 'string' }), regex(/.{60,}/)], `"${'a'.repeat(70)}"`],
    ['a predicate', [digits, predicate((text) => !text.includes('3'))], '12'],
    ['a choice', [choice(['one', 'two']), regex(/t[a-z]*/)], 'two'],
  ])('goes on where they can: %s', (_, parts, text) => {
    expect(accepts(allOf(parts as Constraint[]), text)).toBe(true);
  });

  it('does not ask a predicate before there is a text', () => {
    let calls = 0;
    const both = allOf([
      digits,
      predicate(() => {
        calls++;
        return true;
      }),
    ]);
    expect(both.start()).toBeDefined();
    expect(calls).toBe(0);
  });

  it('writes JSON in a spelling that another part asks for', async () => {
    const list = jsonSchema({ type: 'array', items: { enum: [1, 2] }, minItems: 1, maxItems: 2 });
    const apart = allOf([list, choice(['[ 1 , 2 ]', '[1 ,2]'])]);
    const stack = pipeline(mockDecoder(), { tokenizer: mockTokenizer() }).use(constrain(apart));
    const { text, finishReason, value } = await stack.generate({ text: 'List: ' }, { seed: 1 });
    expect(finishReason).toBe('stop');
    expect(['[ 1 , 2 ]', '[1 ,2]']).toContain(text);
    expect(value).toEqual([1, 2]);
  });
});
