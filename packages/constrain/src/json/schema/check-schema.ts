import { UnsupportedPatternError } from '../../regex/syntax/unsupported-pattern-error.js';
import { escapeName } from './json-object.js';
import { isExtension, isJudging, type Keyword, keywordOf, keywords } from './keywords.js';
import { misspelt } from './misspelt.js';
import type { SchemaDocument, SchemaNode } from './schema-document.js';
import { SchemaError } from './schema-error.js';
import { has, schemasUnder } from './schemas-under.js';
import { isJudgedLate } from './unevaluated.js';
import { UnsupportedSchemaError } from './unsupported-schema-error.js';
import { keywordsOf } from './zod-keywords.js';

export interface SchemaFacts {
  /** Whether a part is left to the validator. */
  readonly isJudgedLate: boolean;
}

/** Schemas that one value can be judged by, each counted as often as it is reached. */
const maxWeight = 20_000;
/** References and subschemas in a row, all about one value. */
const maxInPlace = 500;

/**
 * Looks at every schema that applies to some value, so that nothing is found wrong once a text is
 * under way.
 */
export class SchemaChecker {
  /** Schemas that were looked at: how many schemas judge a value with each. */
  readonly #weights = new Map<SchemaNode, number>();
  /** Schemas that judge the value at hand, from the one begun with. */
  readonly #inPlace = new Set<SchemaNode>();
  readonly #waiting: SchemaNode[] = [];

  /** @param patternOf throws for patterns that are none */
  constructor(
    readonly document: SchemaDocument,
    readonly patternOf: (pattern: string | RegExp) => unknown,
    readonly refuses: { readonly format: (name: string) => boolean; readonly keywords: boolean },
  ) {}

  /**
   * @throws SchemaError with a pointer to what is wrong; UnsupportedSchemaError to what cannot be
   * enforced
   */
  check(): SchemaFacts {
    const { root } = this.document;
    if (typeof root === 'object') this.#waiting.push(root);
    for (let node = this.#waiting.pop(); node; node = this.#waiting.pop()) this.#visit(node);
    const isJudged = (node: SchemaNode) =>
      isJudgedLate(this.document, node, 'items') || isJudgedLate(this.document, node, 'properties');
    return { isJudgedLate: [...this.#weights.keys()].some(isJudged) };
  }

  #visit(node: SchemaNode | boolean): number {
    if (typeof node === 'boolean') return 1;
    if (this.#inPlace.has(node))
      throw new SchemaError(
        node.pointer,
        'refers to itself without a member or item in between, so nothing tells what satisfies it. Remove the circle',
      );
    const known = this.#weights.get(node);
    if (known !== undefined) return known;
    if (this.#inPlace.size >= maxInPlace)
      throw new UnsupportedSchemaError(
        node.pointer,
        `more than ${maxInPlace} references and subschemas in a row. Shorten the chain`,
      );
    this.#inPlace.add(node);
    const weight = this.#weigh(node);
    if (weight > maxWeight)
      throw new UnsupportedSchemaError(
        node.pointer,
        `more than ${maxWeight} combinations of schemas apply to one value here; nest fewer alternatives inside each other`,
      );
    this.#inPlace.delete(node);
    this.#weights.set(node, weight);
    return weight;
  }

  #weigh(node: SchemaNode): number {
    const { schema } = node;
    let weight = 1;
    // Keywords beside $ref hold in every draft.
    if (typeof schema.$ref === 'string')
      weight += this.#visit(this.document.resolve(node, schema.$ref));
    weight += this.#dynamic(node);
    for (const expression of keywordsOf(schema)?.expressions ?? [])
      this.#pattern(`${node.pointer}/pattern`, expression);
    for (const [keyword, value] of Object.entries(schema))
      weight += this.#keyword(node, keyword, value);
    return weight;
  }

  /**
   * Visits the target that a dynamic reference has if nothing around it has the anchor, and queues
   * the other possible targets.
   */
  #dynamic(node: SchemaNode): number {
    const { schema } = node;
    const { document } = this;
    let weight = 0;
    if (has(node, '$dynamicRef') && typeof schema.$dynamicRef === 'string') {
      weight += this.#visit(document.resolve(node, schema.$dynamicRef, '$dynamicRef'));
      const name = schema.$dynamicRef.slice(schema.$dynamicRef.indexOf('#') + 1);
      this.#waiting.push(...document.anchored('$dynamicAnchor', name).values());
    }
    if (has(node, '$recursiveRef') && schema.$recursiveRef === '#') {
      weight += this.#visit(document.resolve(node, '#', '$recursiveRef'));
      this.#waiting.push(...document.anchored('$recursiveAnchor', true).values());
    }
    return weight;
  }

  /** @returns the weight of what judges the value itself */
  #keyword(node: SchemaNode, keyword: string, value: unknown): number {
    const pointer = `${node.pointer}/${escapeName(keyword)}`;
    const known = keywordOf(keyword);
    if (!known) this.#unknown(pointer, keyword);
    if (!isJudging(keyword)) return 0;
    const { value: condition, inPlace }: Keyword = keywords[keyword];
    if (condition && !condition.isValid(value))
      throw new SchemaError(pointer, `must be ${condition.wanted}`);
    if (keyword === 'pattern') this.#pattern(pointer, value as string);
    else if (keyword === 'format') this.#format(pointer, value as string);
    let weight = 0;
    for (const child of schemasUnder(this.document, node, keyword)) {
      if (inPlace) weight += this.#visit(child);
      else if (typeof child === 'object' && !this.#weights.has(child)) this.#waiting.push(child);
    }
    if (keyword === 'patternProperties')
      for (const source of Object.keys(value as object))
        this.#pattern(`${pointer}/${escapeName(source)}`, source);
    return weight;
  }

  #pattern(pointer: string, source: string | RegExp): void {
    try {
      this.patternOf(source);
    } catch (error) {
      if (error instanceof UnsupportedPatternError)
        throw new UnsupportedSchemaError(pointer, error.message);
      throw new SchemaError(pointer, `'${source}' is not a regular expression`);
    }
  }

  /** Keywords that no draft has say nothing, unless they were meant to. */
  #unknown(pointer: string, keyword: string): void {
    const meant = misspelt(keyword);
    if (meant)
      throw new UnsupportedSchemaError(
        pointer,
        `'${keyword}' is not a keyword of JSON Schema. '${meant}' is; annotations of your own begin with x-`,
      );
    if (this.refuses.keywords && !isExtension(keyword))
      throw new UnsupportedSchemaError(
        pointer,
        `'${keyword}' is not a keyword of JSON Schema. Remove it, let it begin with x-, or take it for an annotation (strict: false)`,
      );
  }

  #format(pointer: string, name: string): void {
    if (this.refuses.format(name))
      throw new UnsupportedSchemaError(
        pointer,
        `format '${name}' is not known. Remove it, or allow it as an annotation (strict: false)`,
      );
  }
}
