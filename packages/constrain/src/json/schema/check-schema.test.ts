import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../constraints/json-schema.js';
import { SchemaError } from './schema-error.js';
import { UnsupportedSchemaError } from './unsupported-schema-error.js';

const drafts = {
  'draft 4': 'http://json-schema.org/draft-04/schema#',
  'draft 6': 'http://json-schema.org/draft-06/schema#',
  'draft 7': 'http://json-schema.org/draft-07/schema#',
  'draft 2019-09': 'https://json-schema.org/draft/2019-09/schema',
  'draft 2020-12': 'https://json-schema.org/draft/2020-12/schema',
};
const definitions = { s: { type: 'string' } };
const $ref = '#/definitions/s';

function refusal(schema: unknown, strict = false): SchemaError {
  try {
    jsonSchema(schema, { strict });
  } catch (error) {
    if (error instanceof SchemaError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('keywords beside $ref', () => {
  describe.each(Object.entries(drafts))('%s', (_, $schema) => {
    it.each<[pointer: string, beside: object]>([
      ['/properties/a/pattern', { pattern: '(a)\\1' }],
      ['/properties/a/pattern', { pattern: '^(a$' }],
      ['/properties/a/allOf/0', { allOf: [5] }],
      ['/properties/a/anyOf/0/$ref', { anyOf: [{ $ref: '#/nowhere' }] }],
      [
        '/properties/a/not/properties/b/minLength',
        { not: { properties: { b: { minLength: -1 } } } },
      ],
      ['/properties/a', { oneOf: [{ $ref: '#/properties/a' }] }],
    ])('are read when the constraint is made: %s', (pointer, beside) => {
      const schema = { $schema, properties: { a: { $ref, ...beside } }, definitions };
      expect(refusal(schema).pointer).toBe(pointer);
    });

    it('may lead back by a member', () => {
      const a = { $ref, properties: { b: { $ref: '#/properties/a' } } };
      expect(() => jsonSchema({ $schema, properties: { a }, definitions })).not.toThrow();
    });
  });
});

describe('dynamic references', () => {
  it('are followed when the constraint is made', () => {
    const $dynamicAnchor = 'n';
    const node = { $dynamicAnchor, pattern: '(a)\\1' };
    expect(refusal({ items: { $dynamicRef: '#n' }, $defs: { node } }).pointer).toBe(
      '/$defs/node/pattern',
    );
    expect(refusal({ items: { $dynamicRef: '#n' } }).pointer).toBe('/items/$dynamicRef');
    expect(refusal({ $dynamicAnchor, $dynamicRef: '#n' }).message).toMatch(/refers to itself/);
    const { 'draft 2019-09': $schema } = drafts;
    expect(refusal({ $schema, $recursiveRef: '#' }).message).toMatch(/refers to itself/);
    expect(() => jsonSchema({ $schema, items: { $recursiveRef: '#' } })).not.toThrow();
  });
});

describe('keywords that no draft has', () => {
  it('are refused where a keyword was meant, with the place', () => {
    const error = refusal({ properties: { a: { type: 'string', maxLenght: 3 } } });
    expect(error).toBeInstanceOf(UnsupportedSchemaError);
    expect(error.pointer).toBe('/properties/a/maxLenght');
    expect(error.message).toContain("'maxLength'");
  });

  it('say nothing otherwise, unless the schema is strict', () => {
    const schema = { type: 'object', properties: { nullable: { type: 'string', nullable: true } } };
    expect(() => jsonSchema(schema)).not.toThrow();
    expect(refusal(schema, true).pointer).toBe('/properties/nullable/nullable');
    const annotated = { title: 'A', $comment: '', examples: [], readOnly: true, 'x-unit': 'm' };
    expect(() => jsonSchema({ ...annotated, type: 'string' }, { strict: true })).not.toThrow();
  });
});
