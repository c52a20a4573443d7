import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonSchema } from '../../constraints/json-schema.js';
import { SchemaError } from '../schema/schema-error.js';

const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };

describe('what only holds or makes a schema', () => {
  it.each<[wayOut: string, wrapper: unknown]>([
    ["'.schema'", { name: 'person', strict: true, schema }],
    ["'.json_schema.schema'", { type: 'json_schema', json_schema: { name: 'p', schema } }],
    ["'.schema'", { type: 'json_schema', name: 'p', schema }],
    ["'.format.schema'", { format: { type: 'json_schema', name: 'p', schema } }],
    [
      "'.response_format.json_schema.schema'",
      { response_format: { type: 'json_schema', json_schema: { name: 'p', schema } } },
    ],
    ["'.function.parameters'", { type: 'function', function: { name: 'f', parameters: schema } }],
    ["'.parameters'", { type: 'function', name: 'f', parameters: schema, strict: true }],
    ["'.parameters'", { name: 'f', description: 'F', parameters: schema }],
    ["'.input_schema'", { name: 'f', description: 'F', input_schema: schema }],
    ["'.inputSchema'", { name: 'f', inputSchema: schema }],
    ["'.jsonSchema'", { jsonSchema: schema }],
    ['z.object({ a: ... })', { a: z.string() }],
    ["'properties'", { name: { type: 'string' }, age: { type: 'integer' } }],
    ["'components'", { openapi: '3.1.0', components: { schemas: { A: schema } } }],
    ['JSON.parse', JSON.stringify(schema)],
    ['Call the function', () => schema],
  ])('is refused with the way out %s', (wayOut, wrapper) => {
    expect(() => jsonSchema(wrapper)).toThrow(SchemaError);
    expect(() => jsonSchema(wrapper)).toThrow(wayOut);
  });

  it('is not what has a keyword, or says nothing at all', () => {
    for (const whole of [
      {},
      { title: 'Anything', description: 'at all' },
      { $defs: { a: schema } },
      { 'x-parameters': schema },
      { nullable: true },
      { ...schema, schema },
      { $ref: '#/components/A', components: { A: schema } },
    ])
      expect(() => jsonSchema(whole)).not.toThrow();
  });
});
