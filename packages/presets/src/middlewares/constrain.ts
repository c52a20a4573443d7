import {
  type AsyncConstraint,
  type ConstrainOptions,
  constrain,
  constraints,
  makeConstraint,
} from '@pliant/constrain';
import { z } from 'zod/v4';
import { middlewareEntry, type PresetOptions } from '../entry.js';
import { PresetError } from '../preset-error.js';

const oneSentence = '[A-Z][^.!?\\n]{1,240}[.!?]';

/** The options that say what the text must be: one of them. */
const kinds = {
  choice: constraints.choice.options.shape.texts,
  grammar: constraints.grammar.options.shape.source,
  regex: constraints.regex.options.shape.pattern,
  schema: constraints.jsonSchema.options.shape.schema,
};
type Kind = keyof typeof kinds;

const make: { readonly [kind in Kind]: (value: unknown) => AsyncConstraint<unknown, unknown> } = {
  choice: (texts) => makeConstraint('choice', { texts }),
  grammar: (source) => makeConstraint('grammar', { source }),
  regex: (pattern) => makeConstraint('regex', { pattern: checked(pattern) }),
  schema: (schema) => makeConstraint('jsonSchema', { schema }),
};

/**
 * One of `choice` (texts), `grammar` (its text, Lark or GBNF), `regex` (its source) and `schema` (a
 * JSON Schema), and the options of `constrain` itself. One sentence by default.
 */
export const constrainEntry = middlewareEntry({
  options: z.looseObject(kinds).partial(),
  defaults: (given) => (kindsIn(given).length > 0 ? {} : { regex: oneSentence }),
  make: (options) => constrain(...constrainArguments(options)),
});

/** What `constrain` is called with. */
export function constrainArguments(
  options: PresetOptions,
): readonly [AsyncConstraint<unknown, unknown>, ConstrainOptions] {
  const asked = kindsIn(options);
  if (asked.length > 1)
    throw new PresetError(
      `constrain takes one of ${Object.keys(kinds).join(', ')}, not ${asked.join(' and ')}`,
    );
  const [kind] = asked;
  const { [kind]: value, ...others } = options;
  return [make[kind](value), others as ConstrainOptions];
}

function kindsIn(options: PresetOptions): Kind[] {
  return Object.keys(options).filter((option): option is Kind => Object.hasOwn(kinds, option));
}

function checked(pattern: unknown): unknown {
  try {
    if (typeof pattern === 'string') new RegExp(pattern);
    return pattern;
  } catch (error) {
    throw new PresetError(`constrain.regex: ${(error as Error).message}`);
  }
}
