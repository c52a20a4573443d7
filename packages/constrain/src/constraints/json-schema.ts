import { parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { AsyncConstraint, Constraint } from '../contract/constraint.js';
import { MaskCache } from '../contract/mask-cache.js';
import { buildMachine } from '../json/build-machine.js';
import type { InferValue, IsJudged } from '../json/input/schema-value.js';
import { Verdicts } from '../json/input/verdicts.js';
import { toJsonSchema } from '../json/input/zod-schema.js';
import { jsonCompletion } from '../json/machine/json-completion.js';
import { forcedBytes } from '../json/machine/json-forced.js';
import type { JsonMachine } from '../json/machine/json-machine.js';
import { jsonMask, maskKey } from '../json/machine/json-mask.js';
import type { JsonState } from '../json/machine/json-state.js';
import { type JudgedState, LateCheck } from '../json/validate/late-check.js';
import { generatedBy } from './generated-by.js';

export interface JsonSchemaOptions {
  /**
   * Blanks between tokens. `'any'`: up to 16 are accepted, and 8 more for each open array or
   * object; none after the document. Generated are those that people write: none before the
   * document, one space, or a line break and up to 4 spaces or a tab for each open array or object.
   * `'none'`, as JSON.stringify(value) writes. `'spaced'`: exactly one space after each comma and
   * colon. Default `'any'`.
   */
  readonly whitespace?: 'any' | 'none' | 'spaced';
  /**
   * `'any'`: members in every order, as the schema says. `'schema'`: as `properties` lists them,
   * then others that are required, then the rest: fewer ways to say the same, so faster and more of
   * it forced. Alternatives that differ each have their own order. Default `'any'`.
   */
  readonly propertyOrder?: 'any' | 'schema';
  /**
   * `'any'`: all of JSON's escapes and spellings of numbers are accepted. Generated are the strings
   * of `'canonical'`, whole numbers without point and exponent, others with an exponent only after
   * one digit from 1 to 9 and up to 12 decimals; 20 digits and 17 decimals at most, unless bounds
   * are longer. `'canonical'`: escapes only where JSON needs them (and for U+007F), the short ones
   * where there are; integers without point and exponent, numbers with bounds or a step without
   * exponent. Default `'any'`.
   */
  readonly spelling?: 'any' | 'canonical';
  /**
   * `'assert'` enforces the formats that the drafts define; `'annotate'` none, as draft 2020-12 has
   * it. Default `'assert'`.
   */
  readonly format?: 'assert' | 'annotate';
  /**
   * Refuses formats and keywords that are not known, instead of taking them for annotations
   * (`x-...` stay). Default false.
   */
  readonly strict?: boolean;
  /** Maximum nesting of arrays and objects. 1 to 1,000, default 64. */
  readonly maxDepth?: number;
}

export const jsonSchemaOptions = z.strictObject({
  whitespace: z.enum(['any', 'none', 'spaced']).default('any'),
  propertyOrder: z.enum(['any', 'schema']).default('any'),
  spelling: z.enum(['any', 'canonical']).default('any'),
  format: z.enum(['assert', 'annotate']).default('assert'),
  strict: z.boolean().default(false),
  maxDepth: z.int().min(1).max(1_000).default(64),
});

/**
 * Sync for a JSON Schema. A library that judges the finished value (a zod refinement) may answer
 * later.
 */
export type JsonConstraint<Schema> =
  IsJudged<Schema> extends true
    ? AsyncConstraint<unknown, InferValue<Schema>>
    : Constraint<unknown, InferValue<Schema>>;

/**
 * JSON that satisfies a JSON Schema (draft 2020-12, 2019-09, 7, 6 or 4, by its `$schema`; 2020-12
 * without one), a zod schema (3, 4 or mini), or what offers its JSON Schema: a Standard Schema with
 * a `jsonSchema` converter, the AI SDK's `jsonSchema()` and `zodSchema()`. `result.value` is what
 * it says, parsed by the schema's own library where it has one.
 *
 * ```ts
 * const Person = z.object({ name: z.string().min(1), age: z.int().min(0).max(130) });
 * constrain(jsonSchema(Person));
 * ```
 * Every keyword of validation is enforced byte by byte, `not`, `if`, `oneOf`, `uniqueItems`,
 * `contains`, `dependentSchemas` and recursive `$ref` too; `$dynamicRef`, zod's refinements, and
 * `unevaluated...` where alternatives decide what is evaluated, once the text is whole, so a text
 * can find its end refused there. Refinements and transforms that answer later are waited for;
 * there are no masks of them. Nothing is weakened: what cannot be enforced is refused. Duplicate
 * names and lone surrogates are never written. Unknown keywords and `default`, `examples` and the
 * like say nothing about values; those one slip away from a keyword are refused.
 * @param schema a JSON Schema (an object or a boolean), a zod schema, or what offers a JSON Schema
 * @throws SchemaError with a JSON pointer where it is not a schema or a `$ref` leads nowhere;
 * UnsupportedSchemaError with a pointer to what cannot be enforced (patterns with backreferences,
 * other documents, types that JSON has not), and for what only wraps a schema; InvalidOptionsError
 */
export function jsonSchema<const Schema>(
  schema: Schema,
  options: JsonSchemaOptions = {},
): JsonConstraint<Schema> {
  const settings = parseOptions('jsonSchema', jsonSchemaOptions, options);
  const { schema: read, parse } = toJsonSchema(schema);
  const { machine, written, isValid } = buildMachine(read, {
    ...settings,
    isParsed: parse !== undefined,
  });
  const verdicts =
    parse || isValid
      ? new Verdicts((value) => {
          if (isValid && !isValid(value)) return { success: false };
          return parse?.(value) ?? { success: true, data: value };
        })
      : undefined;
  const by = (texts: JsonMachine) => ({
    ...(verdicts ? judged(texts, verdicts) : plain(texts)),
    name: nameOf(read),
  });
  // The types say what the library's own types say of the schema.
  return generatedBy(by(machine), () => by(written())) as unknown as JsonConstraint<Schema>;
}

function plain(machine: JsonMachine): Constraint<JsonState, unknown> {
  const masks = new MaskCache<string>();
  return {
    name: '',
    start: () => machine.start(),
    advance(state, bytes) {
      let at: JsonState | undefined = state;
      for (let i = 0; i < bytes.length && at; i++) at = machine.step(at, bytes[i]);
      return at;
    },
    canEnd: (state) => machine.canEnd(state),
    mustEnd: (state) => state.at === 'end',
    forced: (state) => forcedBytes(machine, state),
    completion: (state) => jsonCompletion(machine, state),
    mask: (state, trie) => masks.get(maskKey(state), trie, () => jsonMask(machine, state, trie)),
    value: (text) => JSON.parse(text),
  };
}

/** With a verdict on the whole text, which comes with its last byte. */
function judged(machine: JsonMachine, verdicts: Verdicts): AsyncConstraint<JudgedState, unknown> {
  const inner = plain(machine);
  const late = new LateCheck(machine, (text) => verdicts.isRight(text));
  /** Whether a text may go on so, as far as is known at once. */
  const mayFollow = (state: JudgedState, bytes: Uint8Array) => {
    const after = bytes.length === 0 ? state : late.advance(state, bytes);
    return after !== undefined && !(after instanceof Promise);
  };
  return {
    name: '',
    start() {
      const start = machine.start();
      return start && { inner: start, text: '' };
    },
    advance: (state, bytes) => late.advance(state, bytes),
    canEnd: (state) => late.canEnd(state),
    mustEnd: (state) => state.inner.at === 'end',
    forced(state) {
      const bytes = inner.forced!(state.inner);
      return mayFollow(state, bytes) ? bytes : new Uint8Array(0);
    },
    completion(state) {
      const bytes = jsonCompletion(machine, state.inner);
      return bytes && mayFollow(state, bytes) ? bytes : undefined;
    },
    mask: (state, trie) => late.mask(state, trie, inner.mask!(state.inner, trie)),
    value: (text) => verdicts.value(text),
  };
}

function nameOf(schema: unknown): string {
  const title = (schema as { title?: unknown } | undefined)?.title;
  return typeof title === 'string' ? `JSON Schema '${title.slice(0, 60)}'` : 'JSON Schema';
}
