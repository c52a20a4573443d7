import { isObject, type SchemaDocument, type SchemaNode } from './schema-document.js';

/** The members or items of a value that a schema looks at, wherever it stands in place. */
export interface Evaluated {
  readonly names: ReadonlySet<string>;
  readonly patterns: ReadonlySet<string>;
  /** Items at the beginning. */
  readonly items: number;
  /** Whether it looks at all of them: always, never, or as the value decides. */
  readonly all: 'always' | 'never' | 'maybe';
  /** Whether the value decides which of the named ones it looks at. */
  readonly depends: boolean;
}

type Part = 'properties' | 'items';

const conditional = ['anyOf', 'oneOf', 'if', 'then', 'else', 'dependentSchemas', 'dependencies'];

/** What a schema looks at apart from its own `unevaluatedProperties` or `unevaluatedItems`. */
export function evaluatedBy(document: SchemaDocument, node: SchemaNode, part: Part): Evaluated {
  const collector = new Collector(document, part);
  collector.visit(node, false, true);
  return collector;
}

class Collector implements Evaluated {
  readonly names = new Set<string>();
  readonly patterns = new Set<string>();
  items = 0;
  all: Evaluated['all'] = 'never';
  depends = false;

  constructor(
    readonly document: SchemaDocument,
    readonly part: Part,
  ) {}

  visit(node: SchemaNode | boolean, isConditional: boolean, isOuter: boolean): void {
    if (typeof node === 'boolean') return;
    const { schema } = node;
    if (this.part === 'properties') this.#properties(schema, isConditional, isOuter);
    else this.#items(schema, isConditional, isOuter);
    // Where they lead, only the value tells.
    if ('$dynamicRef' in schema || '$recursiveRef' in schema) this.#everything(true);
    if (typeof schema.$ref === 'string')
      this.visit(this.document.resolve(node, schema.$ref), isConditional, false);
    for (const keyword of ['allOf', ...conditional]) {
      const inner = isConditional || keyword !== 'allOf';
      for (const child of this.#children(node, keyword)) this.visit(child, inner, false);
    }
  }

  #children(node: SchemaNode, keyword: string): (SchemaNode | boolean)[] {
    const value = node.schema[keyword];
    if (keyword === 'if' || keyword === 'then' || keyword === 'else')
      return value === undefined ? [] : [this.document.child(node, keyword)];
    // Of dependencies, lists of names are no schemas.
    return Object.entries(value ?? {})
      .filter(([, below]) => isObject(below))
      .map(([name]) => this.document.child(node, keyword, name));
  }

  #properties(schema: SchemaNode['schema'], isConditional: boolean, isOuter: boolean): void {
    const names = Object.keys(schema.properties ?? {});
    const patterns = Object.keys(schema.patternProperties ?? {});
    for (const name of names) this.names.add(name);
    for (const pattern of patterns) this.patterns.add(pattern);
    if (isConditional && names.length + patterns.length > 0) this.depends = true;
    if ('additionalProperties' in schema || (!isOuter && 'unevaluatedProperties' in schema))
      this.#everything(isConditional);
  }

  #items(schema: SchemaNode['schema'], isConditional: boolean, isOuter: boolean): void {
    const tuple = Array.isArray(schema.items) ? schema.items : schema.prefixItems;
    const first = Array.isArray(tuple) ? tuple.length : 0;
    this.items = Math.max(this.items, first);
    if (isConditional && first > 0) this.depends = true;
    // Which items `contains` looks at, they decide themselves.
    if ('contains' in schema) this.#everything(true);
    const rest = Array.isArray(schema.items) ? 'additionalItems' : 'items';
    if (rest in schema || (!isOuter && 'unevaluatedItems' in schema))
      this.#everything(isConditional);
  }

  #everything(isConditional: boolean): void {
    if (this.all !== 'always') this.all = isConditional ? 'maybe' : 'always';
  }
}

/** Whether a part of what the schema says of a member or item is left to the validator. */
export function isJudgedLate(document: SchemaDocument, node: SchemaNode, part: Part): boolean {
  const { schema, draft } = node;
  if (draft < 2019) return false;
  if ('$dynamicRef' in schema || '$recursiveRef' in schema) return true;
  if (!((part === 'items' ? 'unevaluatedItems' : 'unevaluatedProperties') in schema)) return false;
  const { all, depends } = evaluatedBy(document, node, part);
  return all === 'maybe' || (all === 'never' && depends);
}
