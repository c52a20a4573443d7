import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../constraints/json-schema.js';
import { accepts, isViablePrefix } from '../../contract/accepts.js';

const ordered = (schema: object) => jsonSchema(schema, { propertyOrder: 'schema' });

describe("propertyOrder: 'schema'", () => {
  it('puts names that are required and not listed behind those that are, in any order', () => {
    const constraint = ordered({
      type: 'object',
      properties: { a: {}, b: {} },
      required: ['b', 'c', 'd'],
    });
    expect(accepts(constraint, '{"a":1,"b":1,"c":1,"d":1}')).toBe(true);
    expect(accepts(constraint, '{"b":1,"d":1,"c":1,"e":1}')).toBe(true);
    expect(isViablePrefix(constraint, '{"b":1,"c":1,"e"')).toBe(false);
    expect(isViablePrefix(constraint, '{"c"')).toBe(false);
    expect(isViablePrefix(constraint, '{"b":1,"a"')).toBe(false);
  });

  it('asks for what members ask for, though nothing lists it', () => {
    const constraint = ordered({
      type: 'object',
      required: ['a'],
      dependentSchemas: {
        a: { anyOf: [{ required: ['b'] }, { required: ['c'] }] },
        b: { not: { required: ['a'] } },
      },
    });
    expect(accepts(constraint, '{"a":1,"c":1}')).toBe(true);
    expect(isViablePrefix(constraint, '{"a"')).toBe(true);
    expect(isViablePrefix(constraint, '{"a":1,"b"')).toBe(false);
  });

  it('goes on to the next list once all names of one are there', () => {
    const constraint = ordered({
      allOf: [{ properties: { a: {}, b: {} } }, { properties: { c: {}, d: {} }, required: ['d'] }],
      type: 'object',
    });
    expect(accepts(constraint, '{"a":1,"b":1,"c":1,"d":1,"e":1}')).toBe(true);
    expect(isViablePrefix(constraint, '{"a":1,"b":1,"d":1,"c"')).toBe(false);
    expect(isViablePrefix(constraint, '{"a":1,"b":1,"e"')).toBe(false);
  });
});
