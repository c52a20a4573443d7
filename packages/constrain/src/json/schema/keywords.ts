/** Keywords of which a draft says what a value must be, or where schemas are. */
const effective = [
  ...['$ref', '$dynamicRef', '$recursiveRef'],
  ...['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'],
  ...['dependentSchemas', 'dependentRequired', 'dependencies'],
  ...['prefixItems', 'items', 'additionalItems', 'contains', 'unevaluatedItems'],
  ...['properties', 'patternProperties', 'additionalProperties', 'propertyNames'],
  ...['unevaluatedProperties', 'required', 'minProperties', 'maxProperties'],
  ...['type', 'enum', 'const', 'pattern', 'format', 'minLength', 'maxLength'],
  ...['multipleOf', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['minItems', 'maxItems', 'uniqueItems', 'minContains', 'maxContains'],
];
const identifiers = [
  ...['$schema', '$id', 'id', '$anchor', '$dynamicAnchor', '$recursiveAnchor'],
  ...['$vocabulary', '$comment', '$defs', 'definitions'],
];
const annotations = [
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['contentEncoding', 'contentMediaType', 'contentSchema'],
];

const lowerCase = effective.map((keyword) => keyword.toLowerCase());
const judging = new Set(effective);
const known = new Set([...effective, ...identifiers, ...annotations]);

/** Whether a draft has the keyword. */
export function isKeyword(name: string): boolean {
  return known.has(name);
}

/** Whether values can break the keyword. */
export function isJudging(name: string): boolean {
  return judging.has(name);
}

/** What says nothing about values on purpose: `x-...`, and what libraries mark schemas with (`~kind`). */
export function isExtension(name: string): boolean {
  return name.startsWith('x-') || name.startsWith('~');
}

/**
 * The keyword that a name is one slip away from: a letter too many, missing, wrong or swapped with the next, upper for lower case, singular
 * for plural, words set apart (`max_length`), a blank or colon beside it. Undefined for names that no slip explains, and for those that are words of their own (`note`, `id`).
 */
export function misspelt(name: string): string | undefined {
  const bare = name.replace(/^\s+|[\s:,;]+$/g, '');
  if (bare !== name && judging.has(bare)) return bare;
  if (known.has(name) || !/^\$?[A-Za-z]+(?:[_-][A-Za-z]+)*$/.test(name)) return undefined;
  const joined = name.replace(/[_-]/g, '');
  const typed = joined.toLowerCase();
  const plural = typed.replace(/ys?$/, 'ies');
  return effective.find((_, i) =>
    joined === name ? isSlip(typed, plural, lowerCase[i]) : typed === lowerCase[i],
  );
}

function isSlip(typed: string, plural: string, meant: string): boolean {
  if (typed === meant || `$${typed}` === meant || plural === meant) return true;
  // Among short words, another letter makes another word.
  if (meant.length < 4) return false;
  if (isSwapped(typed, meant)) return true;
  if (typed.length === meant.length) return meant.length > 4 && differsOnce(typed, meant);
  return isOneLonger(typed, meant) || isOneLonger(meant, typed);
}

function differsOnce(a: string, b: string): boolean {
  let count = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) count++;
  return count === 1;
}

function isSwapped(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const at = firstDifference(a, b);
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}

function isOneLonger(longer: string, shorter: string): boolean {
  if (longer.length !== shorter.length + 1) return false;
  const at = firstDifference(longer, shorter);
  return longer.slice(at + 1) === shorter.slice(at);
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}
