import { parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { AsyncConstraint } from '../contract/constraint.js';
import { choice, choiceTexts } from './choice.js';
import { grammar, grammarOptions } from './grammar.js';
import { jsonSchema, jsonSchemaOptions } from './json-schema.js';
import { regex, regexOptions } from './regex.js';

interface Entry<Schema extends z.ZodType> {
  /** Checks the options, which are plain JSON. */
  readonly options: Schema;
  /** @param options as `options` returns them */
  readonly make: (options: z.output<Schema>) => AsyncConstraint<unknown, unknown>;
}

/** Infers the type of the options that `make` takes. */
function entry<Schema extends z.ZodType>(
  options: Schema,
  make: Entry<Schema>['make'],
): Entry<Schema> {
  return { options, make };
}

/**
 * The constraints that plain JSON describes, by name: what a server or a configuration file can ask
 * for. The options that a factory takes as its first argument have a name here: `texts`, `pattern`
 * and `flags`, `source`, `schema`.
 */
export const constraints = {
  choice: entry(z.strictObject({ texts: choiceTexts }), ({ texts }) => choice(texts)),
  regex: entry(regexOptions, ({ pattern, flags }) => regex(new RegExp(pattern, flags))),
  grammar: entry(grammarOptions.extend({ source: z.string() }), ({ source, ...options }) =>
    grammar(source, options),
  ),
  jsonSchema: entry(
    jsonSchemaOptions.extend({ schema: z.unknown() }),
    ({ schema, ...options }): AsyncConstraint<unknown, unknown> => jsonSchema(schema, options),
  ),
} as const;

export type ConstraintName = keyof typeof constraints;

const nameSchema = z.enum(Object.keys(constraints) as ConstraintName[]);

/**
 * Makes a constraint by name.
 *
 * ```ts
 * constrain(makeConstraint('regex', { pattern: '[0-9]{3}' }));
 * ```
 * @param options plain JSON; `constraints[name].options` checks them
 * @throws InvalidOptionsError for an unknown name or option, and the errors of the constraint's own
 * factory
 */
export function makeConstraint(
  name: ConstraintName,
  options: unknown,
): AsyncConstraint<unknown, unknown> {
  const known = parseOptions('makeConstraint', nameSchema, name);
  const { options: schema, make }: Entry<z.ZodType> = constraints[known];
  return make(parseOptions(name, schema, options));
}
