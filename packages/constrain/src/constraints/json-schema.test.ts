import { InvalidOptionsError } from '@pliant/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { accepts, isViablePrefix } from '../contract/accepts.js';
import { SchemaError } from '../json/schema/schema-error.js';
import { UnsupportedSchemaError } from '../json/schema/unsupported-schema-error.js';
import { jsonSchema } from './json-schema.js';

const person = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0, maximum: 130 } },
  required: ['name'],
  additionalProperties: false,
};
const utf8 = new TextEncoder();
const range = <T>(count: number, of: (i: number) => T) =>
  Array.from({ length: count }, (_, i) => of(i));

function pointerOf(schema: unknown, options = {}): string {
  try {
    jsonSchema(schema, options);
  } catch (error) {
    if (error instanceof SchemaError) return error.pointer;
    throw error;
  }
  throw new Error('was not refused');
}

describe('jsonSchema', () => {
  it('takes members in every order and refuses at the first hopeless byte', () => {
    const constraint = jsonSchema(person);
    expect(accepts(constraint, '{"age": 7, "name": "Ada"}')).toBe(true);
    expect(accepts(constraint, '{\n  "name": "\\u0041da"\n}')).toBe(true);
    for (const [prefix, next] of [
      ['{', '}'],
      ['{"', 'b'],
      ['{"age', '"}'],
      ['{"age":13', '1'],
      ['{"age":7', '}'],
      ['{"name":"Ada"', ',}'],
      ['{"name":"Ada","', 'n'],
    ]) {
      expect(isViablePrefix(constraint, prefix), prefix).toBe(true);
      expect(isViablePrefix(constraint, prefix + next), prefix + next).toBe(false);
    }
  });

  it('enforces keywords beside $ref in every draft', () => {
    const schema = { $ref: '#/definitions/a', maximum: 5, definitions: { a: { type: 'number' } } };
    for (const draft of ['draft-07', 'draft/2020-12']) {
      const constraint = jsonSchema({
        $schema: `https://json-schema.org/${draft}/schema`,
        ...schema,
      });
      expect(accepts(constraint, '5')).toBe(true);
      expect(accepts(constraint, '7')).toBe(false);
      expect(accepts(constraint, '"5"')).toBe(false);
    }
  });

  it('does not begin what cannot be finished', () => {
    const chain = { type: 'object', properties: { next: { $ref: '#' } } };
    expect(jsonSchema({ ...chain, required: ['next'] }).start()).toBeUndefined();
    expect(accepts(jsonSchema(chain), '{"next":{"next":{}}}')).toBe(true);
    const never = { properties: { a: { allOf: [{ type: 'string' }, { type: 'number' }] } } };
    expect(isViablePrefix(jsonSchema({ ...never, additionalProperties: false }), '{"')).toBe(false);
    const long = { type: 'string', pattern: '^(ab)*$', minLength: 3, maxLength: 4 };
    expect(isViablePrefix(jsonSchema(long), '"ab')).toBe(true);
    expect(isViablePrefix(jsonSchema({ ...long, maxLength: 3 }), '"')).toBe(false);
    const patternProperties = Object.fromEntries(range(12, (i) => [`^k${i}$`, { const: i }]));
    const many = jsonSchema({ type: 'object', patternProperties, additionalProperties: false });
    expect(accepts(many, '{"k11":11,"k3":3}')).toBe(true);
    expect(isViablePrefix(many, '{"x')).toBe(false);
    const unique = { type: 'array', items: { enum: ['a', 'b'] }, uniqueItems: true, minItems: 2 };
    expect(isViablePrefix(jsonSchema(unique), '["a","a')).toBe(false);
    expect(accepts(jsonSchema(unique), '["b","a"]')).toBe(true);
  });

  it('keeps a fixed order of properties if asked, each alternative its own', () => {
    const fixed = jsonSchema(person, { propertyOrder: 'schema' });
    expect(accepts(fixed, '{"name":"Ada","age":7}')).toBe(true);
    expect(isViablePrefix(fixed, '{"a')).toBe(false);
    const either = jsonSchema(
      {
        anyOf: [
          { properties: { a: { const: 1 }, b: {} }, required: ['a', 'b'] },
          { properties: { b: {}, a: { const: 2 } }, required: ['a', 'b'] },
        ],
      },
      { propertyOrder: 'schema' },
    );
    expect(accepts(either, '{"a":1,"b":0}')).toBe(true);
    expect(accepts(either, '{"b":0,"a":2}')).toBe(true);
  });

  it('has whitespace as asked, and never blanks for ever', () => {
    const [any, none, spaced] = (['any', 'none', 'spaced'] as const).map((whitespace) =>
      jsonSchema(true, { whitespace }),
    );
    const compact = '{"a":[1,2]}';
    expect([any, none, spaced].map((c) => accepts(c, compact))).toEqual([true, true, false]);
    const wide = '{"a": [1, 2]}';
    expect([any, none, spaced].map((c) => accepts(c, wide))).toEqual([true, false, true]);
    expect(accepts(any, JSON.stringify({ a: [{ b: [1] }] }, null, '\t'))).toBe(true);
    expect(isViablePrefix(any, `[${' '.repeat(1_000)}`)).toBe(false);
    expect(isViablePrefix(any, '[1] ')).toBe(false);
  });

  it('has one spelling if asked', () => {
    const canonical = jsonSchema(true, { spelling: 'canonical' });
    expect(accepts(canonical, '"a/\\n\\u0001é"')).toBe(true);
    for (const text of ['"\\u0041"', '"\\/"', '"\\u000a"']) {
      expect(accepts(canonical, text)).toBe(false);
      expect(accepts(jsonSchema(true), text)).toBe(true);
    }
    const whole = { type: 'integer' };
    expect(accepts(jsonSchema(whole), '1.0')).toBe(true);
    expect(accepts(jsonSchema(whole, { spelling: 'canonical' }), '1.0')).toBe(false);
  });

  it('refuses duplicate names, lone surrogates and bytes that are no UTF-8', () => {
    const constraint = jsonSchema(true);
    expect(accepts(constraint, '{"a":1,"\\u0061":2}')).toBe(false);
    expect(accepts(constraint, '"\\ud83d\\ude00"')).toBe(true);
    expect(accepts(constraint, '"\\ud83d"')).toBe(false);
    expect(accepts(constraint, '"\\ude00"')).toBe(false);
    expect(constraint.advance(constraint.start()!, Uint8Array.of(0x22, 0xc0))).toBeUndefined();
  });

  it('gives the value of a zod schema, parsed', () => {
    const Person = z.object({
      name: z.string().min(1),
      born: z.iso.date().transform((date) => new Date(date)),
    });
    const constraint = jsonSchema(Person);
    const text = '{"name":"Ada","born":"1815-12-10"}';
    expect(accepts(constraint, text)).toBe(true);
    const value = constraint.value!(text);
    expectTypeOf(value).toEqualTypeOf<z.output<typeof Person>>();
    expect(value).toEqual({ name: 'Ada', born: new Date('1815-12-10') });
    expect(jsonSchema(person).value!('{"name":"Ada"}')).toEqual({ name: 'Ada' });
  });

  it('leaves refinements and what is unevaluated to the last byte', () => {
    const even = jsonSchema(z.object({ n: z.int().refine((n) => n % 2 === 0) }));
    expect(accepts(even, '{"n":12}')).toBe(true);
    expect(isViablePrefix(even, '{"n":11')).toBe(true);
    expect(isViablePrefix(even, '{"n":11}')).toBe(false);
    const closed = jsonSchema({
      anyOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: true } }],
      unevaluatedProperties: false,
    });
    expect(accepts(closed, '{"b":1,"a":"x"}')).toBe(true);
    expect(isViablePrefix(closed, '{"c')).toBe(false);
    expect(isViablePrefix(closed, '{"a":1')).toBe(true);
    expect(isViablePrefix(closed, '{"a":1}')).toBe(false);
    const joined = jsonSchema({
      allOf: [{ $ref: '#/$defs/base' }],
      properties: { b: true },
      unevaluatedProperties: { type: 'null' },
      $defs: { base: { properties: { a: { type: 'string' } } } },
    });
    expect(accepts(joined, '{"b":1,"a":"x","c":null}')).toBe(true);
    expect(isViablePrefix(joined, '{"c":1')).toBe(false);
  });

  it('tells where a schema is wrong or cannot be enforced', () => {
    expect(pointerOf({ properties: { 'a/b': { type: 'text' } } })).toBe('/properties/a~1b/type');
    expect(pointerOf({ items: { $ref: 'https://example.com/other.json' } })).toBe('/items/$ref');
    expect(pointerOf({ $defs: { x: { anyOf: [{ $ref: '#/$defs/x' }] } }, $ref: '#/$defs/x' })).toBe(
      '/$defs/x',
    );
    expect(() => jsonSchema({ items: { pattern: '(a)\\1' } })).toThrow(UnsupportedSchemaError);
    expect(pointerOf({ items: { pattern: '(a)\\1' } })).toBe('/items/pattern');
    expect(pointerOf({ format: 'phone' }, { strict: true })).toBe('/format');
    expect(accepts(jsonSchema({ format: 'phone' }), '"x"')).toBe(true);
    expect(accepts(jsonSchema({ format: 'date' }), '"x"')).toBe(false);
    expect(accepts(jsonSchema({ format: 'date' }, { format: 'annotate' }), '"x"')).toBe(true);
    expect(() => jsonSchema(true, { order: 'schema' } as never)).toThrow(InvalidOptionsError);
    expect(() => jsonSchema('string')).toThrow(SchemaError);
  });

  it('follows $id and $anchor, and drafts by their $schema', () => {
    const named = jsonSchema({
      $id: 'https://example.com/root.json',
      properties: { a: { $ref: 'part.json#small' } },
      $defs: { part: { $id: 'part.json', $defs: { x: { $anchor: 'small', maximum: 9 } } } },
    });
    expect(accepts(named, '{"a":9}')).toBe(true);
    expect(accepts(named, '{"a":10}')).toBe(false);
    const four = 'http://json-schema.org/draft-04/schema#';
    const exclusive = { $schema: four, minimum: 1, exclusiveMinimum: true };
    expect(accepts(jsonSchema(exclusive), '1')).toBe(false);
    expect(accepts(jsonSchema({ $schema: four, const: 1 }), '2')).toBe(true);
  });

  it('is fast with large bounds and lists, and refuses what would not be', () => {
    const words = range(100_000, (i) => `word ${i * 7919}`);
    expect(accepts(jsonSchema({ enum: words }), JSON.stringify(words[4_321]))).toBe(true);
    expect(isViablePrefix(jsonSchema({ enum: words }), '"word x')).toBe(false);
    expect(
      isViablePrefix(jsonSchema({ type: 'string', minLength: 1e9, maxLength: 1e9 }), '"a'),
    ).toBe(true);
    expect(isViablePrefix(jsonSchema({ minLength: 1e9, maxLength: 1e9 - 1 }), '"')).toBe(false);
    expect(isViablePrefix(jsonSchema({ minItems: 1e9, items: { type: 'null' } }), '[null,')).toBe(
      true,
    );
    expect(pointerOf({ pattern: '(a{1000}){1000}' })).toBe('/pattern');
    const deep = range(2_000, () => 0).reduce<unknown>((inner) => ({ items: inner }), true);
    expect(() => jsonSchema(deep)).toThrow(/nested deeper/);
    const doubled = Object.fromEntries(
      range(40, (i) => [
        `d${i}`,
        range(2, (side) => ({ allOf: [{ $ref: `#/$defs/d${i + 1}` }, { minLength: side }] })),
      ]).map(([name, anyOf]) => [name, { anyOf }]),
    );
    expect(() => jsonSchema({ $ref: '#/$defs/d0', $defs: { ...doubled, d40: true } })).toThrow(
      /20000 combinations of schemas/,
    );
    const slow = jsonSchema({ type: 'string', pattern: '^(a+)+$' });
    expect(isViablePrefix(slow, `"${'a'.repeat(5_000)}b`)).toBe(false);
    expect(isViablePrefix(jsonSchema(true, { maxDepth: 3 }), '[[[')).toBe(true);
    expect(isViablePrefix(jsonSchema(true, { maxDepth: 3 }), '[[[[')).toBe(false);
  });

  it('knows what must follow where there is one spelling', () => {
    const constraint = jsonSchema(person, {
      whitespace: 'none',
      propertyOrder: 'schema',
      spelling: 'canonical',
    });
    expect(Buffer.from(constraint.forced!(constraint.start()!)).toString()).toBe('{"name":"');
  });

  it('knows a short way to an end', () => {
    const tree = {
      type: 'object',
      properties: {
        kind: { enum: ['leaf', 'node'] },
        below: { $ref: '#' },
        name: { minLength: 2 },
      },
      required: ['kind'],
      if: { properties: { kind: { const: 'node' } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword
      then: { required: ['below', 'name'] },
    };
    const constraint = jsonSchema(tree);
    for (const text of ['', '{"kind":"no', '{"kind":"node","below":{', '{"x":"\\', '{"name":"é']) {
      const start = constraint.start()!;
      const state = text === '' ? start : constraint.advance(start, utf8.encode(text))!;
      const ending = constraint.completion!(state)!;
      expect(ending.length).toBeLessThan(120);
      expect(accepts(constraint, text + Buffer.from(ending).toString())).toBe(true);
    }
  });
});
