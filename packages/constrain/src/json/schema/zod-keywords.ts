import type { JsonObject } from './json-object.js';

/** Rules of zod about strings for which JSON Schema has no keyword. */
export interface StringKeywords {
  /** Each matches somewhere in the string, with its flags. */
  readonly expressions?: readonly RegExp[];
  /** Bounds of the length in UTF-16 units. */
  readonly minUnits?: number;
  readonly maxUnits?: number;
}

const keyword = Symbol('of zod');

/** A schema of strings with what JSON Schema has no keyword for. */
export function withKeywords(keywords: StringKeywords): JsonObject {
  return { [keyword]: keywords } as unknown as JsonObject;
}

export function keywordsOf(schema: JsonObject): StringKeywords | undefined {
  return (schema as { readonly [keyword]?: StringKeywords })[keyword];
}
