import { always, type Formula, type Formulas } from '../formula/formula.js';
import { ItemsRule } from '../formula/items-rule.js';
import { PropertiesRule } from '../formula/properties-rule.js';
import type { PatternOf } from '../formula/string-pattern.js';
import type { KeywordName } from '../schema/keywords.js';
import type { Kind } from '../schema/kind.js';
import type { SchemaDocument, SchemaNode } from '../schema/schema-document.js';
import { has, schemasUnder } from '../schema/schemas-under.js';
import { evaluatedBy, isJudgedLate } from '../schema/unevaluated.js';

/** Makes the formulas of the schemas below. */
export interface SchemaCompiler {
  readonly document: SchemaDocument;
  readonly formulas: Formulas;
  readonly patternOf: PatternOf;
  /** The formula of a value of the kind, at its beginning. */
  begin(schema: SchemaNode | boolean, kind: Kind): Formula;
  /** The schema under a keyword; without the keyword, anything. */
  optional(node: SchemaNode, keyword: KeywordName): Formula;
}

/**
 * The formulas of keywords that apply further schemas to the same value, and of `unevaluated...`.
 */
export function inPlaceFormulas(schemas: SchemaCompiler, node: SchemaNode, kind: Kind): Formula[] {
  const { formulas, document } = schemas;
  const parts: Formula[] = [];
  const each = (keyword: KeywordName) =>
    schemasUnder(document, node, keyword).map((child) => schemas.begin(child, kind));
  const one = (keyword: KeywordName) => schemas.begin(document.child(node, keyword), kind);
  if (has(node, 'allOf')) parts.push(...each('allOf'));
  if (has(node, 'anyOf')) parts.push(formulas.or(each('anyOf')));
  if (has(node, 'oneOf')) parts.push(formulas.one(each('oneOf')));
  if (has(node, 'not')) parts.push(formulas.not(one('not')));
  if (has(node, 'if')) {
    const condition = one('if');
    const branch = (keyword: KeywordName) => (has(node, keyword) ? one(keyword) : always);
    parts.push(
      formulas.or([formulas.not(condition), branch('then')]),
      formulas.or([condition, branch('else')]),
    );
  }
  const isHolder = kind === 'array' || kind === 'object';
  if (isHolder || has(node, '$dynamicRef') || has(node, '$recursiveRef'))
    parts.push(...unevaluatedFormulas(schemas, node, kind === 'array' ? 'items' : 'properties'));
  return parts;
}

/**
 * What is known at once about members and items that no other keyword looks at. The rest is judged
 * late.
 */
function unevaluatedFormulas(
  schemas: SchemaCompiler,
  node: SchemaNode,
  part: 'properties' | 'items',
): Formula[] {
  const { document, formulas } = schemas;
  const parts: Formula[] = [];
  if (isJudgedLate(document, node, part))
    parts.push(formulas.atom(`l${node.id}`, () => ({ type: 'late' })));
  const keyword = part === 'items' ? 'unevaluatedItems' : 'unevaluatedProperties';
  if (!has(node, keyword)) return parts;
  const { names, patterns, items, all } = evaluatedBy(document, node, part);
  if (all !== 'never') return parts;
  const rest = schemas.optional(node, keyword);
  if (part === 'items') {
    const first = Array.from({ length: items }, () => always);
    return [...parts, new ItemsRule(first, rest).atom(formulas, 0)];
  }
  const named = new Map([...names].map((name) => [name, always]));
  const matching = [...patterns].map((source) => ({
    pattern: schemas.patternOf(source),
    value: always,
  }));
  return [...parts, new PropertiesRule(named, matching, rest).start(formulas)];
}
