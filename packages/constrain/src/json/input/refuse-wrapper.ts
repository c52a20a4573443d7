import { isObject, type JsonObject } from '../schema/json-object.js';
import { isExtension, isJudging, keywordOf } from '../schema/keywords.js';
import { SchemaError } from '../schema/schema-error.js';
import { UnsupportedSchemaError } from '../schema/unsupported-schema-error.js';

/** Names under which requests, tools and libraries put a JSON Schema, from the outside in. */
const wrappers = [
  ...['response_format', 'text', 'format', 'json_schema', 'jsonSchema', 'function', 'tool'],
  ...['input_schema', 'inputSchema', 'output_schema', 'outputSchema', 'parameters'],
  ...['responseSchema', 'responseJsonSchema', 'response_schema', 'schema'],
];

/**
 * An object without a keyword that values can break would allow everything: a wrapper around a
 * schema, or members without `properties`.
 * @throws SchemaError, UnsupportedSchemaError with the way out
 */
export function refuseWrapper(schema: unknown): void {
  if (typeof schema === 'string')
    throw new SchemaError('', 'a schema is an object, true or false. Pass JSON.parse(text)');
  if (typeof schema === 'function')
    throw new SchemaError(
      '',
      'a schema is an object, true or false. Call the function that makes it',
    );
  if (!isObject(schema) || Object.keys(schema).some((name) => judges(schema, name))) return;
  const path = pathIn(schema);
  if (path !== '')
    throw new UnsupportedSchemaError(
      '',
      `not a JSON Schema, but what wraps one. Pass what stands at '${path}'`,
    );
  const [name] = Object.keys(schema).filter(
    (own) => !keywordOf(own) && !isExtension(own) && !own.startsWith('$') && isHolder(schema[own]),
  );
  if (name === undefined) return;
  if (isOfZod(schema[name]))
    throw new UnsupportedSchemaError(
      '',
      `an object of zod schemas is not a schema. Pass z.object({ ${name}: ... })`,
    );
  throw new UnsupportedSchemaError(
    '',
    `has no keyword of JSON Schema, so every value would satisfy it. Put members under 'properties', or pass the schema that '${name}' holds`,
  );
}

/** `type` also tells tools and formats apart. */
function judges(schema: JsonObject, name: string): boolean {
  if (name !== 'type') return isJudging(name) && !isHeld(schema, name);
  return (
    pathIn(schema) === '' || !['function', 'json_schema', 'custom'].includes(String(schema.type))
  );
}

/** Whether a keyword is meant as a part of a request: `format: { type: 'json_schema' }`. */
function isHeld(schema: JsonObject, name: string): boolean {
  return name === 'format' && isObject(schema[name]);
}

/** The way to the wrapped schema: `.json_schema.schema`; '' where there is none. */
function pathIn(schema: JsonObject): string {
  const name = wrappers.find((wrapper) => isObject(schema[wrapper]));
  if (name === undefined) return '';
  return `.${name}${pathIn(schema[name] as JsonObject)}`;
}

function isHolder(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isOfZod(value: unknown): boolean {
  return isObject(value) && ('_zod' in value || '_def' in value);
}
