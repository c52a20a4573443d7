import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SchemaError } from '../schema/schema-error.js';
import { readSchema } from './read-schema.js';

function refusal(schema: unknown): SchemaError {
  try {
    readSchema(schema);
  } catch (error) {
    if (error instanceof SchemaError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

class Point {
  type = 'object';
}
const circle: Record<string, unknown> = { type: 'array' };
circle.items = { anyOf: [{ type: 'null' }, circle] };

describe('readSchema', () => {
  it.each<[pointer: string, schema: unknown]>([
    ['/minimum', { minimum: Number.NaN }],
    ['/multipleOf', { multipleOf: Number.POSITIVE_INFINITY }],
    ['/maxLength', { maxLength: 3n }],
    ['/type', { type: () => 'string' }],
    ['/pattern', { pattern: /a/ }],
    ['/properties/a~1b/const', { properties: { 'a/b': { const: Number.NaN } } }],
    ['/enum/1', { enum: [1, undefined] }],
    ['/enum/0/at', { enum: [{ at: new Date(0) }] }],
    ['/const/a', { const: { a: undefined } }],
    ['/const/0', { const: [Symbol('a')] }],
    ['/allOf/0', { allOf: [undefined] }],
    ['/anyOf/1', { anyOf: [{}, z.string()] }],
    ['/$defs/a/validate', { $defs: { a: { validate: () => true } } }],
    ['/properties/a', { properties: { a: new Map() } }],
    ['/items/anyOf/1', circle],
    ['', new Point()],
    ['', Promise.resolve({})],
    ['', 5n],
  ])('refuses what JSON has not, at %s', (pointer, schema) => {
    expect(refusal(schema).pointer).toBe(pointer);
  });

  it('takes what is undefined for absent, as JSON.stringify does', () => {
    const schema = {
      type: 'object',
      properties: { a: { minLength: undefined }, b: undefined },
      required: undefined,
      additionalProperties: undefined,
    };
    expect(readSchema(schema)).toEqual({ type: 'object', properties: { a: {} } });
    expect(Object.keys(readSchema(schema) as object)).toEqual(['type', 'properties']);
  });

  it('leaves out of annotations what JSON has not', () => {
    const schema = {
      title: 'A',
      default: new Date(0),
      examples: [1, Number.NaN],
      'x-render': { of: () => 'a' },
      '~kind': Symbol('a'),
      properties: { default: { const: 1 } },
    };
    expect(readSchema(schema)).toEqual({
      title: 'A',
      examples: [1, null],
      'x-render': {},
      properties: { default: { const: 1 } },
    });
  });

  it('keeps what stands at two places, names that objects have, and objects of other realms', () => {
    const shared = { type: 'string' };
    const schema = JSON.parse(
      '{"properties":{"__proto__":{"type":"null"}},"required":["__proto__"]}',
    );
    schema.properties.a = shared;
    schema.properties.b = shared;
    const copy = readSchema(schema);
    expect(copy).toEqual(schema);
    expect(Object.hasOwn((copy as typeof schema).properties, '__proto__')).toBe(true);
    expect(readSchema(Object.assign(Object.create(null), { type: 'string' }))).toEqual(shared);
  });

  it('bounds the depth before the stack does', () => {
    const nest = (depth: number, keyword: string) => {
      let schema: unknown = {};
      for (let i = 0; i < depth; i++) schema = { [keyword]: schema };
      return schema;
    };
    expect(refusal(nest(100_000, 'not')).message).toMatch(/deeper than 300/);
    expect(refusal(nest(100_000, 'const')).message).toMatch(/deeper than 1000/);
    expect(readSchema(nest(300, 'not'))).toEqual(nest(300, 'not'));
  });
});
