import { UnsupportedPatternError } from '../regex/unsupported-pattern-error.js';
import { escapeName, isObject, type SchemaDocument, type SchemaNode } from './schema-document.js';
import { SchemaError } from './schema-error.js';
import type { StringPattern } from './string-pattern.js';
import { UnsupportedSchemaError } from './unsupported-schema-error.js';

type Check = (value: unknown) => boolean;

const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
const isNumber: Check = (value) => typeof value === 'number';
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
  dependentRequired: [
    (value) => isObject(value) && Object.values(value).every(isNames),
    'lists of names',
  ],
};

/** Keywords that hold one schema, several, or several by name. Those in place judge the value itself. */
const applicators: Readonly<
  Record<string, readonly [holds: 'one' | 'list' | 'map', inPlace: boolean]>
> = {
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

export interface SchemaFacts {
  /** Whether a part is left to the validator. */
  readonly isJudgedLate: boolean;
}

/** Looks at every schema that applies to some value, so that nothing is found wrong once a text is under way. */
export class SchemaChecker {
  readonly #seen = new Set<SchemaNode>();
  /** Schemas that judge the value at hand, from the one begun with. */
  readonly #inPlace = new Set<SchemaNode>();
  readonly #waiting: SchemaNode[] = [];
  #isJudgedLate = false;

  /**
   * @param patternOf throws for patterns that are none
   * @param checkFormat throws for formats that are refused
   */
  constructor(
    readonly document: SchemaDocument,
    readonly patternOf: (source: string) => StringPattern,
    readonly isRefusedFormat: (name: string) => boolean,
  ) {}

  /** @throws SchemaError with a pointer to what is wrong; UnsupportedSchemaError to what cannot be enforced */
  check(): SchemaFacts {
    const { root } = this.document;
    if (typeof root === 'object') this.#waiting.push(root);
    for (let node = this.#waiting.pop(); node; node = this.#waiting.pop()) this.#visit(node);
    return { isJudgedLate: this.#isJudgedLate };
  }

  #visit(node: SchemaNode): void {
    if (this.#inPlace.has(node))
      throw new SchemaError(
        node.pointer,
        'refers to itself without a member or item in between, so nothing tells what satisfies it. Remove the circle',
      );
    if (this.#seen.has(node)) return;
    this.#seen.add(node);
    this.#inPlace.add(node);
    const { schema, draft } = node;
    if (typeof schema.$ref === 'string') {
      this.#visitTarget(this.document.resolve(node, schema.$ref));
      if (draft < 2019) {
        this.#inPlace.delete(node);
        return;
      }
    }
    for (const [keyword, value] of Object.entries(schema)) this.#keyword(node, keyword, value);
    this.#inPlace.delete(node);
  }

  #visitTarget(target: SchemaNode | boolean): void {
    if (typeof target === 'object') this.#visit(target);
  }

  #keyword(node: SchemaNode, keyword: string, value: unknown): void {
    const pointer = `${node.pointer}/${escapeName(keyword)}`;
    const shape = Object.hasOwn(shapes, keyword) ? shapes[keyword] : undefined;
    if (shape && !shape[0](value)) throw new SchemaError(pointer, `must be ${shape[1]}`);
    if (keyword === 'pattern') this.#pattern(pointer, value as string);
    else if (keyword === 'format') this.#format(pointer, value as string);
    else if (keyword === 'dependencies') this.#dependencies(node, pointer, value);
    else if (keyword === 'items')
      this.#apply(node, keyword, Array.isArray(value) ? 'list' : 'one', false);
    else if (Object.hasOwn(applicators, keyword))
      this.#apply(node, keyword, ...applicators[keyword]);
    if (keyword === 'patternProperties')
      for (const source of Object.keys(value as object))
        this.#pattern(`${pointer}/${escapeName(source)}`, source);
    if (
      keyword === '$dynamicRef' ||
      keyword === '$recursiveRef' ||
      keyword.startsWith('unevaluated')
    )
      this.#isJudgedLate ||= node.draft >= 2019;
  }

  #apply(node: SchemaNode, keyword: string, holds: 'one' | 'list' | 'map', inPlace: boolean): void {
    const pointer = `${node.pointer}/${keyword}`;
    const value = node.schema[keyword];
    if (holds === 'list' && !Array.isArray(value))
      throw new SchemaError(pointer, 'must be a list of schemas');
    if (holds === 'map' && !isObject(value))
      throw new SchemaError(pointer, 'must be an object of schemas');
    const paths = holds === 'one' ? [[]] : Object.keys(value as object).map((name) => [name]);
    for (const path of paths) {
      const child = this.document.child(node, keyword, ...path);
      if (typeof child === 'boolean') continue;
      if (inPlace) this.#visit(child);
      else if (!this.#seen.has(child)) this.#waiting.push(child);
    }
  }

  #dependencies(node: SchemaNode, pointer: string, value: unknown): void {
    if (!isObject(value)) throw new SchemaError(pointer, 'must be an object');
    for (const [name, needed] of Object.entries(value)) {
      if (isNames(needed)) continue;
      const child = this.document.child(node, 'dependencies', name);
      if (typeof child === 'object') this.#visit(child);
    }
  }

  #pattern(pointer: string, source: string): void {
    try {
      this.patternOf(source);
    } catch (error) {
      if (error instanceof UnsupportedPatternError)
        throw new UnsupportedSchemaError(pointer, error.message);
      throw new SchemaError(pointer, `'${source}' is no regular expression`);
    }
  }

  #format(pointer: string, name: string): void {
    if (this.isRefusedFormat(name))
      throw new UnsupportedSchemaError(
        pointer,
        `format '${name}' is not known. Remove it, or allow it as an annotation (strict: false)`,
      );
  }
}
