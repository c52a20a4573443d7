import { escapeName, type JsonObject } from '../schema/json-object.js';
import { isExtension, type Place, placeBelow } from '../schema/keywords.js';
import { SchemaError } from '../schema/schema-error.js';

const maxSchemaDepth = 300;
const maxDataDepth = 1_000;

/**
 * A copy of a JSON Schema that is plain JSON. A keyword that is undefined is absent, as in
 * JSON.stringify; what JSON has not is left out of `default` and other annotations.
 * @throws SchemaError with a pointer to what JSON has not (NaN, functions, dates, objects that
 * contain themselves), and where it is nested too deep
 */
export function readSchema(schema: unknown): unknown {
  return new SchemaReader().read(schema, 'schema');
}

class SchemaReader {
  /** Objects that contain the current one. */
  readonly #open = new Set<object>();
  /** Copies, by place: a schema that is used twice stays one. */
  readonly #copies: Readonly<Record<Place, Map<object, unknown>>> = {
    schema: new Map(),
    'by name': new Map(),
    data: new Map(),
    note: new Map(),
  };
  /** Names and indices that lead to the value at hand. */
  readonly #path: string[] = [];

  read(value: unknown, place: Place): unknown {
    const reason = whyNotJson(value);
    if (reason) this.#refuse(reason);
    if (typeof value !== 'object' || value === null) return value;
    const known = this.#copies[place].get(value);
    if (known !== undefined) return known;
    if (this.#open.has(value))
      this.#refuse('contains itself. Put it under $defs and refer to it by $ref');
    const isSchema = place === 'schema' || place === 'by name';
    const depth = this.#path.length;
    if (isSchema && depth > maxSchemaDepth)
      this.#refuse(`nested deeper than ${maxSchemaDepth}. Use $ref`);
    if (depth > maxDataDepth) this.#refuse(`nested deeper than ${maxDataDepth}. Flatten it`);
    this.#open.add(value);
    const copy = Array.isArray(value)
      ? this.#items(value, place)
      : this.#members(value as JsonObject, place);
    this.#open.delete(value);
    this.#copies[place].set(value, copy);
    return copy;
  }

  #items(value: readonly unknown[], place: Place): unknown[] {
    return Array.from(value, (item, i) =>
      place === 'note' && this.#isLeftOut(item) ? null : this.#below(String(i), item, place),
    );
  }

  #members(value: JsonObject, place: Place): JsonObject {
    const copy: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const member = value[name];
      if (member === undefined && place !== 'data') continue;
      const below = placeOf(place, name);
      if (below === 'note' && this.#isLeftOut(member)) continue;
      const read = this.#below(name, member, below);
      // Assigned, it would be the prototype.
      if (name === '__proto__')
        Object.defineProperty(copy, name, {
          value: read,
          enumerable: true,
          writable: true,
          configurable: true,
        });
      else copy[name] = read;
    }
    return copy;
  }

  #below(name: string, value: unknown, place: Place): unknown {
    this.#path.push(name);
    const read = this.read(value, place);
    this.#path.pop();
    return read;
  }

  #refuse(reason: string): never {
    throw new SchemaError(this.#path.map((name) => `/${escapeName(name)}`).join(''), reason);
  }

  #isLeftOut(value: unknown): boolean {
    return whyNotJson(value) !== undefined || this.#open.has(value as object);
  }
}

function placeOf(place: Place, name: string): Place {
  return place === 'schema' && isExtension(name) ? 'note' : placeBelow(place, name);
}

/** Says what is wrong with a value that is not JSON; undefined if nothing is. */
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
