import * as is from './keyword-values.js';

/** The drafts of JSON Schema that are known. */
export type Draft = 4 | 6 | 7 | 2019 | 2020;

/** The kind of value under a keyword. */
export type Holds =
  /** A number, a name, a pattern. */
  | 'setting'
  /** Values or names to compare with. What looks like a schema in them is not one. */
  | 'data'
  /** Words for people. */
  | 'note'
  | 'schema'
  | 'schemas'
  | 'schema or schemas'
  | 'schemas by name'
  | 'names by name'
  | 'schemas or names by name';

export interface Keyword {
  readonly holds: Holds;
  /** Absent: anything is valid, or the schemas under it tell. */
  readonly value?: is.KeywordValue;
  /** Whether the schemas under it judge the value itself, not a member or item of it. */
  readonly inPlace?: true;
  /**
   * Whether the members and items that the schemas under it look at count for
   * `unevaluatedProperties` and `unevaluatedItems`: always, or as the value decides. Absent: they
   * do not count, or the keyword has rules of its own.
   */
  readonly evaluates?: 'always' | 'maybe';
  /** The first draft that has the keyword. Default 4. */
  readonly since?: Draft;
  /** The last draft that has it. Default 2020. */
  readonly until?: Draft;
}

/**
 * Keywords that values can break. Each has a formula (json/compile, json/numbers) and a judge
 * (json/validate). Of those that a slip is meant for, the first one counts.
 */
export const keywords = {
  $ref: { holds: 'setting', value: is.reference },
  $dynamicRef: { holds: 'setting', value: is.reference, since: 2020 },
  $recursiveRef: { holds: 'setting', value: is.reference, since: 2019, until: 2019 },

  allOf: { holds: 'schemas', value: is.schemas, inPlace: true, evaluates: 'always' },
  anyOf: { holds: 'schemas', value: is.schemas, inPlace: true, evaluates: 'maybe' },
  oneOf: { holds: 'schemas', value: is.schemas, inPlace: true, evaluates: 'maybe' },
  not: { holds: 'schema', inPlace: true },
  if: { holds: 'schema', inPlace: true, evaluates: 'maybe', since: 7 },
  // biome-ignore lint/suspicious/noThenProperty: a keyword
  then: { holds: 'schema', inPlace: true, evaluates: 'maybe', since: 7 },
  else: { holds: 'schema', inPlace: true, evaluates: 'maybe', since: 7 },
  dependentSchemas: {
    holds: 'schemas by name',
    value: is.schemasByName,
    inPlace: true,
    evaluates: 'maybe',
    since: 2019,
  },
  dependentRequired: { holds: 'names by name', value: is.namesByName, since: 2019 },
  // Drafts from 2019 on split it in two. It works in all, as in ajv.
  dependencies: {
    holds: 'schemas or names by name',
    value: is.schemasOrNamesByName,
    inPlace: true,
    evaluates: 'maybe',
  },

  prefixItems: { holds: 'schemas', value: is.schemas, since: 2020 },
  // A list of schemas, which 2020 calls `prefixItems`, works in all drafts, and `additionalItems`
  // beside it.
  items: { holds: 'schema or schemas' },
  additionalItems: { holds: 'schema' },
  contains: { holds: 'schema', since: 6 },
  unevaluatedItems: { holds: 'schema', since: 2019 },

  properties: { holds: 'schemas by name', value: is.schemasByName },
  patternProperties: { holds: 'schemas by name', value: is.schemasByName },
  additionalProperties: { holds: 'schema' },
  propertyNames: { holds: 'schema', since: 6 },
  unevaluatedProperties: { holds: 'schema', since: 2019 },
  required: { holds: 'data', value: is.names },
  minProperties: { holds: 'setting', value: is.count },
  maxProperties: { holds: 'setting', value: is.count },

  type: { holds: 'setting', value: is.typeNames },
  enum: { holds: 'data', value: is.list },
  const: { holds: 'data', since: 6 },
  pattern: { holds: 'setting', value: is.expression },
  format: { holds: 'setting', value: is.name },
  minLength: { holds: 'setting', value: is.count },
  maxLength: { holds: 'setting', value: is.count },
  multipleOf: { holds: 'setting', value: is.step },
  minimum: { holds: 'setting', value: is.number },
  maximum: { holds: 'setting', value: is.number },
  exclusiveMinimum: { holds: 'setting', value: is.numberOrFlag },
  exclusiveMaximum: { holds: 'setting', value: is.numberOrFlag },
  minItems: { holds: 'setting', value: is.count },
  maxItems: { holds: 'setting', value: is.count },
  uniqueItems: { holds: 'setting', value: is.flag },
  minContains: { holds: 'setting', value: is.count, since: 2019 },
  maxContains: { holds: 'setting', value: is.count, since: 2019 },
} as const satisfies Readonly<Record<string, Keyword>>;

export type KeywordName = keyof typeof keywords;

/** Keywords that name schemas and hold them for references. */
const identifiers: Readonly<Record<string, Keyword>> = {
  $schema: { holds: 'setting' },
  $id: { holds: 'setting' },
  /** The `$id` of draft 4. */
  id: { holds: 'setting' },
  $anchor: { holds: 'setting' },
  $dynamicAnchor: { holds: 'setting' },
  $recursiveAnchor: { holds: 'setting' },
  $vocabulary: { holds: 'setting' },
  $defs: { holds: 'schemas by name' },
  definitions: { holds: 'schemas by name' },
};

/** Keywords without effect on what is valid. */
const annotations: Readonly<Record<string, Keyword>> = {
  title: { holds: 'note' },
  description: { holds: 'note' },
  $comment: { holds: 'note' },
  default: { holds: 'note' },
  examples: { holds: 'note' },
  deprecated: { holds: 'setting' },
  readOnly: { holds: 'setting' },
  writeOnly: { holds: 'setting' },
  contentEncoding: { holds: 'setting' },
  contentMediaType: { holds: 'setting' },
  contentSchema: { holds: 'schema' },
};

const known = new Map<string, Keyword>(
  Object.entries({ ...keywords, ...identifiers, ...annotations }),
);

/** A keyword of any draft; undefined for other names. */
export function keywordOf(name: string): Keyword | undefined {
  return known.get(name);
}

/** Whether values can break the keyword. */
export function isJudging(name: string): name is KeywordName {
  return Object.hasOwn(keywords, name);
}

export function appliesTo(name: KeywordName, draft: Draft): boolean {
  const { since = 4, until = 2020 }: Keyword = keywords[name];
  return since <= draft && draft <= until;
}

/** The kind of place at which a part of a schema document stands. */
export type Place = 'schema' | 'by name' | 'data' | 'note';

/** @param name of a member; the index of an item, which stands where its list does */
export function placeBelow(place: Place, name: string): Place {
  if (place === 'by name') return 'schema';
  if (place !== 'schema') return place;
  const holds = keywordOf(name)?.holds ?? 'schema';
  if (holds.endsWith('by name')) return 'by name';
  return holds === 'data' || holds === 'note' ? holds : 'schema';
}

/** Names that say nothing about values on purpose: `x-...`, and marks of libraries (`~kind`). */
export function isExtension(name: string): boolean {
  return name.startsWith('x-') || name.startsWith('~');
}
