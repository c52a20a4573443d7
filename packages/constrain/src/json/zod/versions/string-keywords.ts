import type { JsonObject } from '../../schema/json-object.js';
import { withKeywords } from '../../schema/zod-keywords.js';

/**
 * Matches what reads differently with flag u: escapes by braces, surrogates, characters beyond
 * U+FFFF.
 */
const differsUnderU = /\\[pPuk]\{|\\u[dD][89a-fA-F]|[\u{10000}-\u{10ffff}]/u;
/** Characters beyond U+FFFF that flag u changes the meaning of: in a class, or repeated. */
const halvedWithoutU = /\[[^\]]*[\u{10000}-\u{10ffff}]|[\u{10000}-\u{10ffff}][*+?{]/u;

/** A string in which an expression matches, flags included. */
export function matching(expression: RegExp): JsonObject {
  const { source } = expression;
  // Zod looks for a match from the beginning, whatever these say.
  const flags = expression.flags.replace(/[gd]/g, '');
  if (flags === 'u' || (flags === '' && !differsUnderU.test(source))) return { pattern: source };
  if (flags === '' && !/\\/.test(source) && !halvedWithoutU.test(source))
    return { pattern: source };
  return withKeywords({ expressions: [new RegExp(source, flags)] });
}

/** A string that contains a text at `place`. */
export function containing(
  text: string,
  place: 'start' | 'end' | 'anywhere',
  from = 0,
): JsonObject {
  const escaped = text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  if (place === 'start') return { pattern: `^${escaped}` };
  if (place === 'end') return { pattern: `${escaped}$` };
  return { pattern: from > 0 ? `^[\\s\\S]{${from},}${escaped}` : escaped };
}

/**
 * Bounds of a string's length.
 * @param inUnits counted in UTF-16 units, not in characters
 */
export function ofLength(least: number, most: number, inUnits: boolean): JsonObject {
  if (inUnits) return withKeywords({ minUnits: least, maxUnits: most });
  return {
    ...(least > 0 ? { minLength: least } : {}),
    ...(most < Number.POSITIVE_INFINITY ? { maxLength: most } : {}),
  };
}

/**
 * Strings that satisfy schemas of one check each: as one schema, with those under `allOf` whose
 * keyword is taken.
 */
export function ofStrings(checks: readonly JsonObject[]): JsonObject {
  let schema: JsonObject = { type: 'string' };
  const others: JsonObject[] = [];
  for (const check of checks)
    if (Reflect.ownKeys(check).some((keyword) => keyword in schema)) others.push(check);
    else schema = { ...schema, ...check };
  return others.length > 0 ? { ...schema, allOf: others } : schema;
}
