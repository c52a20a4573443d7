import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../constraints/json-schema.js';
import { accepts } from '../../contract/accepts.js';

describe('completions of jsonSchema', () => {
  const between = { type: 'number', not: { type: 'integer' }, minimum: 1, maximum: 2 };
  it.each([
    [between, '1'],
    [between, '1.0'],
    [{ type: 'array', items: between }, '[1'],
    [{ type: 'number', multipleOf: 0.0001, not: { multipleOf: 0.001 }, maximum: 3 }, '2'],
    [{ type: 'integer', multipleOf: 7, minimum: 7_000_001, maximum: 7_000_010 }, '7'],
  ])('find the digits that a number still needs: %j after %s', (schema, begun) => {
    const constraint = jsonSchema(schema);
    const state = constraint.advance(constraint.start()!, Buffer.from(begun))!;
    const rest = Buffer.from(constraint.completion!(state)!).toString();
    expect(accepts(constraint, begun + rest)).toBe(true);
    expect(rest.length).toBeLessThan(10);
  });
});
