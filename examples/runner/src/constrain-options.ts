import { readFileSync } from 'node:fs';
import {
  type ConstrainOptions,
  type Constraint,
  choice,
  grammar,
  jsonSchema,
  regex,
} from '@pliant/constrain';
import { UsageError } from './usage-error.js';

const oneSentence = '[A-Z][^.!?\\n]{1,240}[.!?]';

/** The options that say what the text must be. */
const kinds: { readonly [name: string]: (value: unknown) => Constraint<unknown, unknown> } = {
  choice: (texts) => choice(texts as readonly string[]),
  grammar: (path) => grammar(readFile('grammar', String(path))),
  regex: (pattern) => regex(parsePattern(String(pattern))),
  schema: (schema) => jsonSchema(typeof schema === 'object' ? schema : parseFile(String(schema))),
};

/** What `constrain` is called with: one kind of constraint, one sentence by default, and the options of `constrain` itself. */
export function constrainOptions(
  given: Readonly<Record<string, unknown>>,
): readonly [Constraint<unknown, unknown>, ConstrainOptions] {
  const asked = Object.keys(given).filter((option) => Object.hasOwn(kinds, option));
  if (asked.length > 1)
    throw new UsageError(
      `constrain takes one of ${Object.keys(kinds).join(', ')}, not ${asked.join(' and ')}`,
    );
  const [kind = 'regex'] = asked;
  const { [kind]: value = oneSentence, ...options } = given;
  return [kinds[kind](value), options as ConstrainOptions];
}

function parsePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new UsageError(`constrain.regex: ${(error as Error).message}`);
  }
}

function parseFile(path: string): unknown {
  const text = readFile('schema', path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`constrain.schema ${path}: ${(error as Error).message}`);
  }
}

function readFile(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`constrain.${option} ${path}: ${(error as Error).message}`);
  }
}
