import { escapeName, type JsonObject } from '../schema/json-object.js';
import { SchemaError } from '../schema/schema-error.js';
import { UnsupportedSchemaError } from '../schema/unsupported-schema-error.js';
import {
  type Beside,
  besideItem,
  besideMember,
  type KnownNames,
  knownNames,
  nothingBeside,
  type Part,
} from './beside.js';
import { patternOfNames, takesAnyName, textOfNames } from './names.js';
import type { IntersectionView, ObjectView, RecordView, View, ZodSchema } from './view.js';
import { Views } from './views.js';

const maxDepth = 300;

/**
 * The JSON Schema of the texts that a zod schema parses (its input), 2020-12. Refinements and
 * transforms are not in it. Objects are closed where zod would strip or refuse other members, so
 * that none are written for nothing; parts of an intersection know each other's.
 * @throws UnsupportedSchemaError with a pointer to what JSON has not; SchemaError where a lazy
 * schema has no end
 */
export function zodToJsonSchema(
  schema: ZodSchema,
  viewOf: (schema: ZodSchema) => View,
): JsonObject {
  return new Converter(viewOf).convert(schema, nothingBeside, '', 0);
}

class Converter {
  readonly #views: Views;
  /** Pointers to what was converted, by schema and what is beside it. */
  readonly #places = new Map<string, string>();
  /** The keywords beside members, which are the same for all alternatives. */
  readonly #besides = new WeakMap<Beside, Map<string | undefined, Beside>>();
  readonly #names = new WeakMap<readonly Part[], KnownNames>();

  constructor(viewOf: (schema: ZodSchema) => View) {
    this.#views = new Views(viewOf);
  }

  convert(schema: ZodSchema, beside: Beside, pointer: string, depth: number): JsonObject {
    if (depth > maxDepth)
      throw new SchemaError(
        // The rest of the way repeats it.
        pointer.split('/').slice(0, 9).join('/'),
        `nested deeper than ${maxDepth}. A lazy schema or getter that makes a new schema each time has no end: define it once`,
      );
    const view = this.#views.of(schema);
    if (view.type === 'same') return this.convert(view.as, beside, pointer, depth + 1);
    if (view.type === 'scalar') return view.schema;
    if (view.type === 'anything') return {};
    if (view.type === 'refused')
      throw new UnsupportedSchemaError(
        pointer,
        `${view.what} cannot be written as JSON. Use a type that JSON has, and .transform() to make another of it`,
      );
    const key = this.#key(schema, beside);
    const place = this.#places.get(key);
    if (place !== undefined) return { $ref: `#${place.replaceAll('%', '%25')}` };
    this.#places.set(key, pointer);
    const at: At = { beside, pointer, depth: depth + 1 };
    switch (view.type) {
      case 'nullable':
        return { anyOf: [this.#part(view.inner, at, 'anyOf/0'), { type: 'null' }] };
      case 'union': {
        const keyword = view.isExclusive ? 'oneOf' : 'anyOf';
        if (view.options.length === 0) return { not: {} };
        return {
          [keyword]: view.options.map((option, i) => this.#part(option, at, `${keyword}/${i}`)),
        };
      }
      case 'intersection':
        return this.#intersection(view, at);
      case 'object':
        return this.#object(view, at);
      case 'record':
        return this.#record(view, at);
      case 'array':
        return this.#array(view, at);
      default:
        throw new Error(`zod's ${view.type} is not resolved`);
    }
  }

  #key(schema: ZodSchema, { before, after }: Beside): string {
    const ids = (parts: readonly Part[]) =>
      parts
        .map((part) => `${this.#views.id(part.schema)}${part.sharesMembers}${part.sharesNames}`)
        .join();
    return `${this.#views.id(schema)} ${ids(before)} ${ids(after)}`;
  }

  /** A schema of the same value, or with its own `beside` of one below. */
  #part(
    schema: ZodSchema,
    { beside, pointer, depth }: At,
    path: string,
    other = beside,
  ): JsonObject {
    return this.convert(schema, other, `${pointer}/${path}`, depth);
  }

  #intersection(view: IntersectionView, at: At): JsonObject {
    const { left, right, sharesMembers, sharesNames } = view;
    const { before, after } = at.beside;
    const part = (schema: ZodSchema) => ({ schema, sharesMembers, sharesNames });
    return {
      allOf: [
        this.#part(left, at, 'allOf/0', { before, after: [part(right), ...after] }),
        this.#part(right, at, 'allOf/1', { before: [...before, part(left)], after }),
      ],
    };
  }

  #object({ members, others }: ObjectView, at: At): JsonObject {
    const { beside } = at;
    const takes = others !== 'refused' ? () => true : ({ sharesMembers }: Part) => sharesMembers;
    const namesOf = (parts: readonly Part[]) =>
      this.#knownNames(parts.every(takes) ? parts : parts.filter(takes));
    const [before, after] = [namesOf(beside.before), namesOf(beside.after)];
    const names = [...new Set([...before.names, ...members.keys(), ...after.names])];
    const properties = names.map((name) => {
      const schema = members.get(name)?.schema ?? (typeof others === 'object' ? others : undefined);
      if (!schema) return [name, {}];
      const path = `properties/${escapeName(name)}`;
      return [name, this.#part(schema, at, path, this.#besideMember(beside, name))];
    });
    const required = [...members].filter(([, { isRequired }]) => isRequired).map(([name]) => name);
    const rest =
      typeof others === 'object'
        ? this.#part(others, at, 'additionalProperties', this.#besideMember(beside))
        : before.isOpen || after.isOpen
          ? {}
          : false;
    return {
      type: 'object',
      properties: Object.fromEntries(properties),
      required,
      additionalProperties: rest,
    };
  }

  #knownNames(parts: readonly Part[]): KnownNames {
    const known = this.#names.get(parts);
    if (known) return known;
    const schemas = parts.map(({ schema }) => schema);
    const names = knownNames(this.#views, schemas);
    this.#names.set(parts, names);
    return names;
  }

  #besideMember(beside: Beside, name?: string): Beside {
    const known = this.#besides.get(beside) ?? new Map<string | undefined, Beside>();
    this.#besides.set(beside, known);
    const member = known.get(name) ?? besideMember(this.#views, beside, name);
    known.set(name, member);
    return member;
  }

  #record({ names, values, has, isLoose }: RecordView, at: At): JsonObject {
    const name = textOfNames(this.#part(names, at, 'propertyNames', nothingBeside));
    const shared = [...at.beside.before, ...at.beside.after].filter(
      ({ sharesNames }) => sharesNames,
    );
    const others = this.#knownNames(shared);
    const below = this.#besideMember(at.beside);
    if (isLoose || others.isOpen) {
      const pattern = patternOfNames(name);
      if (pattern !== undefined) {
        const path = `patternProperties/${escapeName(pattern)}`;
        const patternProperties = { [pattern]: this.#part(values, at, path, below) };
        const also = isLoose ? undefined : this.#namesOfRecords(shared, at);
        return {
          type: 'object',
          patternProperties,
          ...(also && { propertyNames: { anyOf: [name, { enum: [...others.names] }, ...also] } }),
        };
      }
      if (isLoose)
        throw new UnsupportedSchemaError(
          `${at.pointer}/propertyNames`,
          'a loose record whose names are more than patterns without flags and lengths. Write z.record(), or one z.string().regex()',
        );
    }
    const foreign = [...others.names].filter((other) => !has(other));
    return {
      type: 'object',
      propertyNames: foreign.length > 0 ? { anyOf: [name, { enum: foreign }] } : name,
      properties: Object.fromEntries(foreign.map((other) => [other, {}])),
      additionalProperties: this.#part(values, at, 'additionalProperties', below),
    };
  }

  /**
   * The names that records have, where they are all that have any beside those known; undefined if
   * some schema takes every name.
   */
  #namesOfRecords(parts: readonly Part[], at: At): JsonObject[] | undefined {
    const views = this.#views
      .alternatives(parts.map(({ schema }) => schema))
      .map((schema) => this.#views.of(schema));
    if (views.some(takesAnyName)) return undefined;
    return views
      .filter((view) => view.type === 'record')
      .map(({ names }) => textOfNames(this.#part(names, at, 'propertyNames', nothingBeside)));
  }

  #array({ first, rest, least, most }: Extract<View, { type: 'array' }>, at: At): JsonObject {
    const prefixItems = first.map((item, i) =>
      this.#part(item, at, `prefixItems/${i}`, besideItem(this.#views, at.beside, i)),
    );
    return {
      type: 'array',
      ...(prefixItems.length > 0 ? { prefixItems } : {}),
      items: rest ? this.#part(rest, at, 'items', besideItem(this.#views, at.beside)) : false,
      ...(least > 0 ? { minItems: least } : {}),
      ...(most < Number.POSITIVE_INFINITY ? { maxItems: most } : {}),
    };
  }
}

interface At {
  readonly beside: Beside;
  readonly pointer: string;
  readonly depth: number;
}
