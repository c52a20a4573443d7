import { isNames } from './keyword-values.js';
import { appliesTo, type Keyword, type KeywordName, keywords } from './keywords.js';
import type { SchemaDocument, SchemaNode } from './schema-document.js';

/** Whether the schema has the keyword, and its draft knows it. */
export function has({ schema, draft }: SchemaNode, keyword: KeywordName): boolean {
  return keyword in schema && appliesTo(keyword, draft);
}

/**
 * The keywords of the first items and of the others. Before draft 2020 a list under `items` is of
 * the first ones; it works in all drafts.
 * @returns `tuple`: undefined where no item has a schema of its own
 */
export function itemKeywords(node: SchemaNode): {
  readonly tuple: 'items' | 'prefixItems' | undefined;
  readonly rest: 'additionalItems' | 'items';
} {
  if (Array.isArray(node.schema.items)) return { tuple: 'items', rest: 'additionalItems' };
  return { tuple: has(node, 'prefixItems') ? 'prefixItems' : undefined, rest: 'items' };
}

/**
 * The schemas under a keyword of `node`, in order.
 * @throws SchemaError with a pointer to what should be a schema and is not
 */
export function schemasUnder(
  document: SchemaDocument,
  node: SchemaNode,
  keyword: KeywordName,
): (SchemaNode | boolean)[] {
  return pathsUnder(node.schema[keyword], keywords[keyword].holds).map((path) =>
    document.child(node, keyword, ...path),
  );
}

function pathsUnder(value: unknown, holds: Keyword['holds']): string[][] {
  switch (holds) {
    case 'schema':
      return value === undefined ? [] : [[]];
    case 'schema or schemas':
      return pathsUnder(value, Array.isArray(value) ? 'schemas' : 'schema');
    case 'schemas':
    case 'schemas by name':
      return Object.keys(value ?? {}).map((name) => [name]);
    case 'schemas or names by name':
      return Object.entries(value ?? {}).flatMap(([name, below]) =>
        isNames(below) ? [] : [[name]],
      );
    default:
      return [];
  }
}
