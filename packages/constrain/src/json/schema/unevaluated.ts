import { type Keyword, type KeywordName, keywords } from './keywords.js';
import type { SchemaDocument, SchemaNode } from './schema-document.js';
import { has, itemKeywords, schemasUnder } from './schemas-under.js';

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

const applied = (Object.entries(keywords) as [KeywordName, Keyword][]).flatMap(
  ([keyword, { evaluates }]) => (evaluates ? [{ keyword, evaluates }] : []),
);

/**
 * The members or items that a schema looks at, apart from its own `unevaluatedProperties` or
 * `unevaluatedItems`.
 */
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
    if (this.part === 'properties') this.#properties(node, isConditional, isOuter);
    else this.#items(node, isConditional, isOuter);
    // Only the value tells where they lead.
    if (has(node, '$dynamicRef') || has(node, '$recursiveRef')) this.#everything(true);
    if (typeof schema.$ref === 'string')
      this.visit(this.document.resolve(node, schema.$ref), isConditional, false);
    for (const { keyword, evaluates } of applied) {
      if (!has(node, keyword)) continue;
      for (const child of schemasUnder(this.document, node, keyword))
        this.visit(child, isConditional || evaluates === 'maybe', false);
    }
  }

  #properties(node: SchemaNode, isConditional: boolean, isOuter: boolean): void {
    const { schema } = node;
    const names = Object.keys(schema.properties ?? {});
    const patterns = Object.keys(schema.patternProperties ?? {});
    for (const name of names) this.names.add(name);
    for (const pattern of patterns) this.patterns.add(pattern);
    if (isConditional && names.length + patterns.length > 0) this.depends = true;
    if (has(node, 'additionalProperties') || (!isOuter && has(node, 'unevaluatedProperties')))
      this.#everything(isConditional);
  }

  #items(node: SchemaNode, isConditional: boolean, isOuter: boolean): void {
    const { tuple, rest } = itemKeywords(node);
    const first = tuple ? (node.schema[tuple] as unknown[]).length : 0;
    this.items = Math.max(this.items, first);
    if (isConditional && first > 0) this.depends = true;
    // The items themselves decide which of them `contains` looks at.
    if (has(node, 'contains')) this.#everything(true);
    if (has(node, rest) || (!isOuter && has(node, 'unevaluatedItems')))
      this.#everything(isConditional);
  }

  #everything(isConditional: boolean): void {
    if (this.all !== 'always') this.all = isConditional ? 'maybe' : 'always';
  }
}

/** Whether a part of what the schema says of a member or item is left to the validator. */
export function isJudgedLate(document: SchemaDocument, node: SchemaNode, part: Part): boolean {
  if (has(node, '$dynamicRef') || has(node, '$recursiveRef')) return true;
  if (!has(node, part === 'items' ? 'unevaluatedItems' : 'unevaluatedProperties')) return false;
  const { all, depends } = evaluatedBy(document, node, part);
  return all === 'maybe' || (all === 'never' && depends);
}
