import { isExtension } from './keywords.js';
import { escapeName, type JsonObject } from './schema-document.js';
import { SchemaError } from './schema-error.js';

/** What stands at a place: a schema, schemas by name, a value to compare with, or what says nothing about values. */
type Place = 'schema' | 'schemas' | 'data' | 'note';

const byName = new Set([
  ...['properties', 'patternProperties', 'dependentSchemas', 'dependentRequired'],
  ...['dependencies', '$defs', 'definitions'],
]);
const notes = new Set(['title', 'description', '$comment', 'default', 'examples']);
const maxSchemaDepth = 300;
const maxDataDepth = 1_000;

/**
 * A copy of a JSON Schema that is plain JSON. A keyword that is undefined is absent, as in JSON.stringify; what JSON has not is left out of
 * `default` and other annotations.
 * @throws SchemaError with a pointer to what JSON has not (NaN, functions, dates, objects that contain themselves), and where it is nested
 * too deep
 */
export function readSchema(schema: unknown): unknown {
  return new SchemaReader().read(schema, 'schema', '', 0);
}

class SchemaReader {
  /** Objects that the one at hand is inside of. */
  readonly #open = new Set<object>();
  /** Copies, by place: a schema that is used twice stays one. */
  readonly #copies = new Map<object, Map<Place, unknown>>();

  read(value: unknown, place: Place, pointer: string, depth: number): unknown {
    const reason = whyNotJson(value);
    if (reason) throw new SchemaError(pointer, reason);
    if (typeof value !== 'object' || value === null) return value;
    const known = this.#copies.get(value)?.get(place);
    if (known !== undefined) return known;
    if (this.#open.has(value))
      throw new SchemaError(pointer, 'contains itself. Put it under $defs and refer to it by $ref');
    const isSchema = place === 'schema' || place === 'schemas';
    if (isSchema && depth > maxSchemaDepth)
      throw new SchemaError(pointer, `nested deeper than ${maxSchemaDepth}. Use $ref`);
    if (depth > maxDataDepth)
      throw new SchemaError(pointer, `nested deeper than ${maxDataDepth}. Flatten it`);
    this.#open.add(value);
    const copy = Array.isArray(value)
      ? Array.from(value, (item, i) => this.#item(item, place, `${pointer}/${i}`, depth + 1))
      : this.#members(value as JsonObject, place, pointer, depth + 1);
    this.#open.delete(value);
    const copies = this.#copies.get(value) ?? new Map<Place, unknown>();
    this.#copies.set(value, copies.set(place, copy));
    return copy;
  }

  #item(item: unknown, place: Place, pointer: string, depth: number): unknown {
    return place === 'note' && this.#isLeftOut(item)
      ? null
      : this.read(item, place, pointer, depth);
  }

  #members(value: JsonObject, place: Place, pointer: string, depth: number): JsonObject {
    const members: [string, unknown][] = [];
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined && place !== 'data') continue;
      const below = placeOf(place, name);
      if (below === 'note' && this.#isLeftOut(member)) continue;
      members.push([name, this.read(member, below, `${pointer}/${escapeName(name)}`, depth)]);
    }
    return Object.fromEntries(members);
  }

  #isLeftOut(value: unknown): boolean {
    return whyNotJson(value) !== undefined || this.#open.has(value as object);
  }
}

function placeOf(place: Place, name: string): Place {
  if (place === 'schemas') return 'schema';
  if (place !== 'schema') return place;
  if (name === 'enum' || name === 'const') return 'data';
  if (notes.has(name) || isExtension(name)) return 'note';
  return byName.has(name) ? 'schemas' : 'schema';
}

/** What is wrong with a value that JSON has not; undefined for those it has. */
function whyNotJson(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value)
        ? undefined
        : `${value} is not a number of JSON. Leave the keyword out, or write a finite number`;
    case 'object':
      if (value === null || Array.isArray(value) || isPlain(value)) return undefined;
      return `a ${value.constructor?.name ?? 'class'} object is not JSON. ${wayOut(value)}`;
    case 'function':
      return 'a function is not JSON. If it makes the schema, call it';
    default:
      return `${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`} is not JSON. Leave it out, or write what stands for it as text or a number`;
  }
}

function wayOut(value: object): string {
  if (value instanceof Promise) return 'Await it first';
  if (value instanceof RegExp) return 'Write its source, as a string';
  if (value instanceof Date) return 'Write it as text: toISOString()';
  if ('_zod' in value || '_def' in value)
    return 'A zod schema is not part of a JSON Schema: make the whole one of zod, or write z.toJSONSchema(...) here';
  return 'Write a plain object';
}

/** An object literal or what JSON.parse makes, of any realm. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
