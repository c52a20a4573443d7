import { pipeline, randomStream } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { constrain } from '../../constrain.js';
import { allOf } from '../../constraints/all-of.js';
import { anyOf } from '../../constraints/any-of.js';
import { type JsonSchemaOptions, jsonSchema } from '../../constraints/json-schema.js';
import { not } from '../../constraints/not.js';
import { predicate } from '../../constraints/predicate.js';
import { regex } from '../../constraints/regex.js';
import { accepts, isViablePrefix } from '../../contract/accepts.js';
import type { Constraint } from '../../contract/constraint.js';
import { tokenMask } from '../../contract/token-mask.js';
import { tokenTrie } from '../../contract/token-trie.js';

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 6 },
    size: { type: 'number' },
    tags: { items: {} },
  },
  required: ['name'],
  additionalProperties: false,
};
const schemas = [
  person,
  { type: 'array', items: person, minItems: 1, maxItems: 3 },
  { type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 3, uniqueItems: true },
  { type: 'number', exclusiveMinimum: -1, maximum: 2.5 },
  { enum: ['a\nb', 'é', null, -0, 1e300, 0.1] },
  { type: 'object', minProperties: 2, maxProperties: 2, propertyNames: { enum: ['a', 'b', 'c'] } },
];
const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
type Written = Constraint<unknown, unknown>;
const writtenOf = (schema: unknown, options?: JsonSchemaOptions) =>
  (jsonSchema(schema as object, options) as { written: Written }).written;

/** A text at random, at most of 60 bytes before it is completed. */
function someText(constraint: Written, random: () => number): string {
  let state = constraint.start();
  const text: number[] = [];
  const append = (next: Uint8Array) => {
    state = constraint.advance(state, next);
    text.push(...next);
  };
  while (text.length < 60) {
    const possible = bytes.filter((next) => constraint.advance(state, next) !== undefined);
    if (constraint.canEnd(state) && (possible.length === 0 || random() < 0.1))
      return Buffer.from(text).toString();
    expect(possible.length, Buffer.from(text).toString()).toBeGreaterThan(0);
    // Blanks and what has a meaning to JSON are as likely as all letters together.
    const telling = possible.filter(
      ([byte]) => byte <= 0x20 || '"\\{}[],:0-.e'.includes(String.fromCharCode(byte)),
    );
    const among = telling.length > 0 && random() < 0.7 ? telling : possible;
    append(among[Math.floor(random() * among.length)]);
  }
  const rest = constraint.completion!(state);
  expect(rest, Buffer.from(text).toString()).toBeDefined();
  append(rest!);
  expect(constraint.canEnd(state)).toBe(true);
  return Buffer.from(text).toString();
}

describe('JSON as it is written', () => {
  it.each(schemas)(
    'is valid, with blanks, strings and numbers as people write them: %j',
    (schema) => {
      const random = randomStream(14, 'written');
      const all = jsonSchema(schema);
      const written = writtenOf(schema);
      for (let i = 0; i < 60; i++) {
        const text = someText(written, random);
        expect(accepts(all, text), text).toBe(true);
        const tokens = text.match(/"(?:[^"\\]|\\.)*"|[\s]+|[^\s"]+/g)!;
        for (const token of tokens) {
          if (token.startsWith('"')) expect(JSON.stringify(JSON.parse(token))).toBe(token);
          if (/^\s/.test(token)) expect(token).toMatch(/^(?: |\n(?: {0,16}|\t{0,4}))$/);
        }
        expect(text).not.toMatch(/^\s|\s$/);
        const outside = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
        expect(outside).not.toMatch(/\s,|\n:|:\n/);
        for (const [number] of outside.matchAll(/-?\d[-+.\deE]*/g))
          expect(number).toMatch(
            /^-?(?!0$)(?:0|[1-9]\d*)(?:\.\d+)?$|^0$|^-?[1-9](?:\.\d{1,12})?[eE][-+]?[1-9]\d*$/,
          );
      }
    },
  );

  it('has the masks that advance has', () => {
    const trie = tokenTrie(mockTokenizer());
    const random = randomStream(1, 'masks');
    for (const schema of schemas) {
      const written = writtenOf(schema);
      const { mask: _, ...plain } = written;
      let state = written.start();
      for (const byte of Buffer.from(someText(written, random))) {
        expect(written.mask!(state, trie)).toEqual(tokenMask(plain, state, trie));
        state = written.advance(state, bytes[byte]);
      }
    }
  });

  it.each([
    ['{"a": 1, "b": [2, 3]}', true],
    ['{\n  "a": 1,\n  "b": [\n    2,\n    3\n  ]\n}', true],
    ['{\n\t"a": 1,\n\t"b": [2]\n}', true],
    ['{ "a" : 1 }', true],
    ['{"a":1,"b":[]}', true],
    ['\n{"a": 1}', false],
    [' {"a": 1}', false],
    ['{\n\n"a": 1}', false],
    ['{"a":  1}', false],
    ['{"a": 1 , "b": 2}', false],
    ['{"a":\n1}', false],
    ['{\r\n"a": 1}', false],
    ['{\n         "a": 1}', false],
    ['{"\\u0061": 1}', false],
    ['{"a": -0e5}', false],
  ])('%j: %j; all of it is accepted', (text, isWritten) => {
    expect(accepts(jsonSchema({}), text)).toBe(true);
    expect(accepts(writtenOf({}), text)).toBe(isWritten);
  });

  it('keeps a way on where the end may be refused late', () => {
    const schema = z
      .object({ a: z.array(z.int()), b: z.int().optional() })
      .refine((v) => v.b === 2);
    expect(isViablePrefix(writtenOf(schema) as never, '{"a": [1]\n, "b": 2}')).toBe(true);
  });

  it('follows the options', () => {
    const none = writtenOf({}, { whitespace: 'none' });
    expect(accepts(none, '{"a":1e5}')).toBe(true);
    expect(accepts(none, '{"a": 1}')).toBe(false);
    const spaced = writtenOf({}, { whitespace: 'spaced' });
    expect(accepts(spaced, '{"a": 1}')).toBe(true);
    expect(accepts(spaced, '{"a":1}')).toBe(false);
  });

  it('is what is generated, alone and in combinations', async () => {
    const list = jsonSchema({ type: 'array', items: { type: 'integer' }, maxItems: 3 });
    // The mock model is fond of blanks and escapes.
    const decoder = mockDecoder();
    for (const constraint of [
      list,
      allOf([list, predicate((text) => !text.includes('9'))]),
      anyOf([list, regex(/none/)]),
      allOf([list, not(jsonSchema({ const: [1] }))]),
    ])
      for (let seed = 0; seed < 8; seed++) {
        const stack = pipeline(decoder, { tokenizer: mockTokenizer() }).use(
          constrain(constraint as typeof list),
        );
        const { text } = await stack.generate(
          { text: 'List: ' },
          { temperature: 1, seed, maxNewTokens: 40 },
        );
        expect(text).not.toMatch(/^\s|\s,|\n\s*\n|\d[eE]/);
      }
  });
});
