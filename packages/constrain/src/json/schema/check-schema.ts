import { UnsupportedPatternError } from '../../regex/syntax/unsupported-pattern-error.js';
import type { PatternOf } from '../formula/string-pattern.js';
import { isExtension, isKeyword, misspelt } from './keywords.js';
import { escapeName, isObject, type SchemaDocument, type SchemaNode } from './schema-document.js';
import { SchemaError } from './schema-error.js';
import { isJudgedLate } from './unevaluated.js';
import { UnsupportedSchemaError } from './unsupported-schema-error.js';
import { keywordsOf } from './zod-keywords.js';

type Check = (value: unknown) => boolean;

const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
const isNumber: Check = Number.isFinite;
const isString: Check = (value) => typeof value === 'string';
const isNames: Check = (value) => Array.isArray(value) && value.every(isString);
const types = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object'];

/** Keywords whose values are no schemas. */
const shapes: Readonly<Record<string, readonly [check: Check, wanted: string]>> = {
  type: [
    (value) => (Array.isArray(value) ? value : [value]).every((type) => types.includes(type)),
    `one or several of ${types.join(', ')}`,
  ],
  enum: [Array.isArray, 'a list of values'],
  required: [isNames, 'a list of names'],
  minProperties: [isCount, 'a whole number of at least 0'],
  maxProperties: [isCount, 'a whole number of at least 0'],
  minItems: [isCount, 'a whole number of at least 0'],
  maxItems: [isCount, 'a whole number of at least 0'],
  minContains: [isCount, 'a whole number of at least 0'],
  maxContains: [isCount, 'a whole number of at least 0'],
  minLength: [isCount, 'a whole number of at least 0'],
  maxLength: [isCount, 'a whole number of at least 0'],
  uniqueItems: [(value) => typeof value === 'boolean', 'true or false'],
  minimum: [isNumber, 'a number'],
  maximum: [isNumber, 'a number'],
  exclusiveMinimum: [(value) => isNumber(value) || typeof value === 'boolean', 'a number'],
  exclusiveMaximum: [(value) => isNumber(value) || typeof value === 'boolean', 'a number'],
  multipleOf: [(value) => isNumber(value) && (value as number) > 0, 'a number above 0'],
  pattern: [isString, 'a regular expression'],
  format: [isString, 'a name'],
  $ref: [isString, 'a reference'],
  $dynamicRef: [isString, 'a reference'],
  $recursiveRef: [isString, 'a reference'],
  dependentRequired: [
    (value) => isObject(value) && Object.values(value).every(isNames),
    'lists of names',
  ],
};

/** Keywords that hold one schema, several, or several by name. Those in place judge the value itself. */
const applicators: Readonly<Record<string, readonly [holds: Holds, inPlace: boolean]>> = {
  allOf: ['list', true],
  anyOf: ['list', true],
  oneOf: ['list', true],
  not: ['one', true],
  if: ['one', true],
  // biome-ignore lint/suspicious/noThenProperty: a keyword
  then: ['one', true],
  else: ['one', true],
  dependentSchemas: ['map', true],
  properties: ['map', false],
  patternProperties: ['map', false],
  additionalProperties: ['one', false],
  propertyNames: ['one', false],
  prefixItems: ['list', false],
  additionalItems: ['one', false],
  contains: ['one', false],
  unevaluatedItems: ['one', false],
  unevaluatedProperties: ['one', false],
};

type Holds = 'one' | 'list' | 'map';

export interface SchemaFacts {
  /** Whether a part is left to the validator. */
  readonly isJudgedLate: boolean;
}

/** Schemas that one value can be judged by, each counted as often as it is reached. */
const maxWeight = 20_000;
/** References and subschemas in a row, all about one value. */
const maxInPlace = 500;

/** Looks at every schema that applies to some value, so that nothing is found wrong once a text is under way. */
export class SchemaChecker {
  /** Schemas that were looked at: how many schemas judge a value with each. */
  readonly #weights = new Map<SchemaNode, number>();
  /** Schemas that judge the value at hand, from the one begun with. */
  readonly #inPlace = new Set<SchemaNode>();
  readonly #waiting: SchemaNode[] = [];

  /** @param patternOf throws for patterns that are none */
  constructor(
    readonly document: SchemaDocument,
    readonly patternOf: PatternOf,
    readonly refuses: { readonly format: (name: string) => boolean; readonly keywords: boolean },
  ) {}

  /** @throws SchemaError with a pointer to what is wrong; UnsupportedSchemaError to what cannot be enforced */
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
        `more than ${maxWeight} schemas judge one value here, those of alternatives multiplied out. Share less between alternatives`,
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

  /** What a reference refers to where nothing outside of it has the anchor, and what it may refer to otherwise. */
  #dynamic(node: SchemaNode): number {
    const { schema, draft } = node;
    const { document } = this;
    let weight = 0;
    if (typeof schema.$dynamicRef === 'string' && draft >= 2020) {
      weight += this.#visit(document.resolve(node, schema.$dynamicRef, '$dynamicRef'));
      const name = schema.$dynamicRef.slice(schema.$dynamicRef.indexOf('#') + 1);
      this.#waiting.push(...document.anchored('$dynamicAnchor', name).values());
    }
    if (schema.$recursiveRef === '#' && draft === 2019) {
      weight += this.#visit(document.resolve(node, '#', '$recursiveRef'));
      this.#waiting.push(...document.anchored('$recursiveAnchor', true).values());
    }
    return weight;
  }

  /** @returns the weight of what judges the value itself */
  #keyword(node: SchemaNode, keyword: string, value: unknown): number {
    const pointer = `${node.pointer}/${escapeName(keyword)}`;
    const shape = Object.hasOwn(shapes, keyword) ? shapes[keyword] : undefined;
    if (shape && !shape[0](value)) throw new SchemaError(pointer, `must be ${shape[1]}`);
    if (keyword === 'pattern') this.#pattern(pointer, value as string);
    else if (keyword === 'format') this.#format(pointer, value as string);
    if (keyword === 'dependencies') return this.#dependencies(node, pointer, value);
    if (keyword === 'items')
      return this.#apply(node, keyword, Array.isArray(value) ? 'list' : 'one', false);
    if (!isKeyword(keyword)) this.#unknown(pointer, keyword);
    if (!Object.hasOwn(applicators, keyword)) return 0;
    const weight = this.#apply(node, keyword, ...applicators[keyword]);
    if (keyword === 'patternProperties')
      for (const source of Object.keys(value as object))
        this.#pattern(`${pointer}/${escapeName(source)}`, source);
    return weight;
  }

  #apply(node: SchemaNode, keyword: string, holds: Holds, inPlace: boolean): number {
    const pointer = `${node.pointer}/${keyword}`;
    const value = node.schema[keyword];
    if (holds === 'list' && !Array.isArray(value))
      throw new SchemaError(pointer, 'must be a list of schemas');
    if (holds === 'map' && !isObject(value))
      throw new SchemaError(pointer, 'must be an object of schemas');
    let weight = 0;
    const paths = holds === 'one' ? [[]] : Object.keys(value as object).map((name) => [name]);
    for (const path of paths) {
      const child = this.document.child(node, keyword, ...path);
      if (inPlace) weight += this.#visit(child);
      else if (typeof child === 'object' && !this.#weights.has(child)) this.#waiting.push(child);
    }
    return weight;
  }

  #dependencies(node: SchemaNode, pointer: string, value: unknown): number {
    if (!isObject(value)) throw new SchemaError(pointer, 'must be an object');
    let weight = 0;
    for (const [name, needed] of Object.entries(value))
      if (!isNames(needed)) weight += this.#visit(this.document.child(node, 'dependencies', name));
    return weight;
  }

  #pattern(pointer: string, source: string | RegExp): void {
    try {
      this.patternOf(source);
    } catch (error) {
      if (error instanceof UnsupportedPatternError)
        throw new UnsupportedSchemaError(pointer, error.message);
      throw new SchemaError(pointer, `'${source}' is no regular expression`);
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
