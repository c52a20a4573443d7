import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../constraints/json-schema.js';
import { accepts, isViablePrefix } from '../../contract/accepts.js';

describe('names with half a surrogate pair', () => {
  it.each([
    { type: 'object', required: ['\ud800'] },
    { const: { 'a\udfff': 1 } },
    { type: 'object', properties: { '\ud800': {} }, additionalProperties: false, minProperties: 1 },
    { type: 'object', minProperties: 1, propertyNames: { const: '\ud800' } },
  ])('are in no text: %j has none', (schema) => {
    expect(jsonSchema(schema).start()).toBeUndefined();
  });

  it('forbid what asks for them', () => {
    const asking = jsonSchema({ dependentRequired: { a: ['\ud800'], '\ud800': ['b'] } });
    expect(isViablePrefix(asking, '{"a"')).toBe(false);
    expect(accepts(asking, '{"c":1}')).toBe(true);
    expect(accepts(asking, '{}')).toBe(true);
  });
});
