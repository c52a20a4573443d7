import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../constraints/json-schema.js';
import { accepts } from '../../contract/accepts.js';

describe('satisfiability of schemas that hold themselves', () => {
  // Whether an array of arrays of itself exists depends on the object, which is asked for later.
  const nested = jsonSchema({
    anyOf: [
      {
        type: 'array',
        minItems: 1,
        items: { type: 'array', minItems: 1, items: { $ref: '#' } },
      },
      {
        type: 'object',
        required: ['z'],
        properties: { z: { type: 'null' } },
        additionalProperties: false,
      },
    ],
  });

  it.each(['{"z":null}', '[[{"z":null}]]', '[[[[{"z":null}]]]]'])('accepts %s', (text) => {
    expect(accepts(nested, text)).toBe(true);
  });

  it.each(['[{"z":null}]', '[[[{"z":null}]]]'])('refuses %s', (text) => {
    expect(accepts(nested, text)).toBe(false);
  });
});
