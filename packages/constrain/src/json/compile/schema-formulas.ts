import { atLeast, atMost, contains, propertyNames, required } from '../formula/counted-atoms.js';
import { always, type Formula, type Formulas, never } from '../formula/formula.js';
import { ItemsRule } from '../formula/items-rule.js';
import { PropertiesRule } from '../formula/properties-rule.js';
import type { PatternOf } from '../formula/string-pattern.js';
import { isWellFormed, WordList } from '../formula/word-list.js';
import type { NumberRules } from '../numbers/number-rules.js';
import type { JsonObject } from '../schema/json-object.js';
import type { KeywordName } from '../schema/keywords.js';
import { type Kind, kindIndex, kindOf, kinds } from '../schema/kind.js';
import type { SchemaDocument, SchemaNode } from '../schema/schema-document.js';
import { has, itemKeywords, schemasUnder } from '../schema/schemas-under.js';
import { keywordsOf } from '../schema/zod-keywords.js';
import { inPlaceFormulas, type SchemaCompiler } from './in-place-formulas.js';

/** Returns the formula of a format; undefined if it asks nothing of strings. */
export type FormatFormula = (name: string) => Formula | undefined;

const dependencies = ['dependentRequired', 'dependentSchemas', 'dependencies'] as const;
const typeNames = ['null', 'boolean', 'number', 'string', 'array', 'object'];

/** Turns schemas into formulas about values of a known kind. Each is built when first asked for. */
export class SchemaFormulas implements SchemaCompiler {
  readonly #byNode = new Map<SchemaNode, (Formula | undefined)[]>();
  readonly #enums = new Map<JsonObject, ReadonlyMap<Kind, unknown[]>>();

  constructor(
    readonly document: SchemaDocument,
    readonly formulas: Formulas,
    readonly numbers: NumberRules,
    readonly patternOf: PatternOf,
    readonly formatOf: FormatFormula,
  ) {}

  of(schema: SchemaNode | boolean): Formula {
    if (typeof schema === 'boolean') return schema ? always : never;
    return this.formulas.atom(`s${schema.id}`, () => ({ type: 'schema', node: schema }));
  }

  /** A value of the kind is one of the list. */
  among(kind: 'array' | 'object', list: readonly unknown[]): Formula {
    const others = typeNames.filter((type) => type !== kind);
    const schema = { anyOf: [{ type: others }, ...(list.length > 0 ? [{ enum: list }] : [])] };
    return this.of(this.document.synthetic(schema, this.document.root as SchemaNode));
  }

  /** The formula of a value of the kind, at its beginning. */
  begin(schema: SchemaNode | boolean, kind: Kind): Formula {
    if (typeof schema === 'boolean') return schema ? always : never;
    let byKind = this.#byNode.get(schema);
    if (!byKind) {
      byKind = [];
      this.#byNode.set(schema, byKind);
    }
    const index = kindIndex[kind];
    byKind[index] ??= this.#begin(schema, kind);
    return byKind[index];
  }

  #begin(node: SchemaNode, kind: Kind): Formula {
    const { $ref } = node.schema;
    if (typeof $ref !== 'string') return this.#own(node, kind);
    const target = this.begin(this.document.resolve(node, $ref), kind);
    // Keywords beside $ref hold, which draft 7 and older would ignore: what is written then
    // satisfies validators of both kinds.
    return target === never ? never : this.formulas.and([target, this.#own(node, kind)]);
  }

  #own(node: SchemaNode, kind: Kind): Formula {
    const { schema, draft } = node;
    const parts = [this.#type(schema.type, kind, draft)];
    if (parts[0] === never) return never;
    if ('enum' in schema) parts.push(this.#enum(schema, schema.enum as unknown[], kind, node));
    if (has(node, 'const')) parts.push(this.#enum(schema, [schema.const], kind, node));
    if (parts.includes(never)) return never;
    if (kind === 'number') parts.push(...this.numbers.ofSchema(schema));
    else if (kind === 'string') this.#string(schema, parts);
    else if (kind === 'array') this.#array(node, parts);
    else if (kind === 'object') this.#object(node, parts);
    parts.push(...inPlaceFormulas(this, node, kind));
    return this.formulas.and(parts);
  }

  #type(type: unknown, kind: Kind, draft: number): Formula {
    if (type === undefined) return always;
    const types = Array.isArray(type) ? type : [type];
    const name = kind === 'true' || kind === 'false' ? 'boolean' : kind;
    if (types.includes(name)) return always;
    return kind === 'number' && types.includes('integer')
      ? this.numbers.atom({ keyword: 'integer', spelled: draft === 4 })
      : never;
  }

  #enum(key: JsonObject, values: readonly unknown[], kind: Kind, node: SchemaNode): Formula {
    const same = this.#ofKind(key, values, kind);
    if (same.length === 0) return never;
    if (kind === 'string') return WordList.of(same as string[]).start(this.formulas);
    if (kind === 'number') return this.numbers.oneOf(same as number[]);
    if (kind !== 'array' && kind !== 'object') return always;
    return this.formulas.or(
      same.map((value) => this.begin(this.document.synthetic(exactly(value), node), kind)),
    );
  }

  /** The values of a kind; those of an enum are sorted by kind once. */
  #ofKind(key: JsonObject, values: readonly unknown[], kind: Kind): readonly unknown[] {
    if (key.enum !== values) return values.filter((value) => kindOf(value) === kind);
    let byKind = this.#enums.get(key);
    if (!byKind) {
      byKind = new Map(kinds.map((name) => [name, []]));
      for (const value of values) byKind.get(kindOf(value))!.push(value);
      this.#enums.set(key, byKind);
    }
    return byKind.get(kind)!;
  }

  #string(schema: JsonObject, parts: Formula[]): void {
    parts.push(this.#atLeast(schema.minLength), this.#atMost(schema.maxLength));
    if (typeof schema.pattern === 'string')
      parts.push(this.patternOf(schema.pattern).start(this.formulas));
    if (typeof schema.format === 'string') parts.push(this.formatOf(schema.format) ?? always);
    const {
      expressions = [],
      minUnits = 0,
      maxUnits = Number.POSITIVE_INFINITY,
    } = keywordsOf(schema) ?? {};
    for (const expression of expressions)
      parts.push(this.patternOf(expression).start(this.formulas));
    parts.push(atLeast(this.formulas, minUnits, true), atMost(this.formulas, maxUnits, true));
  }

  #array(node: SchemaNode, parts: Formula[]): void {
    const { schema } = node;
    parts.push(this.#atLeast(schema.minItems), this.#atMost(schema.maxItems));
    const { tuple, rest } = itemKeywords(node);
    const first = tuple ? schemasUnder(this.document, node, tuple) : [];
    const rule = new ItemsRule(
      first.map((schema) => this.of(schema)),
      this.optional(node, rest),
    );
    parts.push(rule.atom(this.formulas, 0));
    if (has(node, 'contains')) {
      const least = has(node, 'minContains') ? schema.minContains : 1;
      const most = has(node, 'maxContains') ? schema.maxContains : Number.POSITIVE_INFINITY;
      const item = this.of(this.document.child(node, 'contains'));
      parts.push(contains(this.formulas, item, Number(least), Number(most)));
    }
    if (schema.uniqueItems === true)
      parts.push(this.formulas.atom('u', () => ({ type: 'unique', items: undefined })));
  }

  #object(node: SchemaNode, parts: Formula[]): void {
    const { schema } = node;
    parts.push(this.#atLeast(schema.minProperties), this.#atMost(schema.maxProperties));
    if (Array.isArray(schema.required)) parts.push(this.#required(schema.required));
    parts.push(this.#properties(node));
    if (has(node, 'propertyNames')) {
      const name = this.begin(this.document.child(node, 'propertyNames'), 'string');
      parts.push(propertyNames(this.formulas, name));
    }
    for (const keyword of dependencies) this.#dependencies(node, keyword, parts);
  }

  #properties(node: SchemaNode): Formula {
    const { properties, patternProperties } = node.schema;
    const named = Object.keys((properties as JsonObject) ?? {}).map(
      (name) => [name, this.of(this.document.child(node, 'properties', name))] as const,
    );
    const patterns = Object.keys((patternProperties as JsonObject) ?? {}).map((source) => ({
      pattern: this.patternOf(source),
      value: this.of(this.document.child(node, 'patternProperties', source)),
    }));
    const additional = this.optional(node, 'additionalProperties');
    return new PropertiesRule(new Map(named), patterns, additional).start(this.formulas);
  }

  /** Each holds where a member of its name is there. */
  #dependencies(node: SchemaNode, keyword: KeywordName, parts: Formula[]): void {
    if (!has(node, keyword)) return;
    const { formulas } = this;
    for (const [name, needed] of Object.entries(node.schema[keyword] as JsonObject)) {
      const then = Array.isArray(needed)
        ? this.#required(needed)
        : this.begin(this.document.child(node, keyword, name), 'object');
      parts.push(formulas.or([formulas.not(this.#required([name])), then]));
    }
  }

  /** The schema under a keyword; without the keyword, anything. */
  optional(node: SchemaNode, keyword: KeywordName): Formula {
    return has(node, keyword) ? this.of(this.document.child(node, keyword)) : always;
  }

  #atLeast(count: unknown): Formula {
    return typeof count === 'number' ? atLeast(this.formulas, count) : always;
  }

  /** No text has a name that holds half a surrogate pair. */
  #required(names: readonly string[]): Formula {
    if (!names.every(isWellFormed)) return never;
    return required(this.formulas, this.formulas.names.of(names));
  }

  #atMost(count: unknown): Formula {
    return typeof count === 'number' ? atMost(this.formulas, count) : always;
  }
}

/** A schema of the one array or object. */
function exactly(value: unknown): JsonObject {
  if (Array.isArray(value))
    return {
      prefixItems: value.map((item) => ({ const: item })),
      items: false,
      minItems: value.length,
    };
  const members = Object.entries(value as JsonObject);
  return {
    properties: Object.fromEntries(members.map(([name, member]) => [name, { const: member }])),
    required: members.map(([name]) => name),
    additionalProperties: false,
  };
}
