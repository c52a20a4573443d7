import { readText } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { choice } from '../constraints/choice.js';
import { grammar } from '../constraints/grammar.js';
import { type JsonSchemaOptions, jsonSchema } from '../constraints/json-schema.js';
import { regex } from '../constraints/regex.js';
import { accepts, isViablePrefix } from '../contract/accepts.js';
import type { AsyncConstraint } from '../contract/constraint.js';
import { sources } from './case-sources.test.data.js';

interface Case {
  readonly id: string;
  readonly kind: string;
  readonly input?: unknown;
  readonly inputText?: string;
  readonly options?: JsonSchemaOptions;
  readonly why: string;
  readonly expect: 'compile' | 'refuse' | 'either';
  readonly error?: { readonly name: string; readonly pointer?: string };
  readonly tests: readonly { readonly text: string; readonly valid: boolean }[];
  readonly prefixes?: readonly { readonly text: string; readonly viable: boolean }[];
}

const cases = readText('vectors/constrain-cases.jsonl')
  .trim()
  .split('\n')
  .map((line): Case => JSON.parse(line));

const kinds: Readonly<Record<string, (input: unknown, options?: JsonSchemaOptions) => unknown>> = {
  'json-schema': jsonSchema,
  zod: jsonSchema,
  js: jsonSchema,
  regex: (input) => {
    const { pattern, flags } = input as { pattern: string; flags: string };
    return regex(new RegExp(pattern, flags));
  },
  gbnf: (input) => grammar(input as string, { syntax: 'gbnf' }),
  lark: (input) => grammar(input as string, { syntax: 'lark' }),
  choice: (input) => choice(input as string[]),
};

function inputOf({ id, kind, input, inputText }: Case): unknown {
  if (kind === 'zod' || kind === 'js') return sources[id]();
  return inputText === undefined ? input : JSON.parse(inputText);
}

function make(row: Case, options?: JsonSchemaOptions): AsyncConstraint<unknown, unknown> {
  const settings = { ...row.options, ...options };
  return kinds[row.kind](inputOf(row), settings) as AsyncConstraint<unknown, unknown>;
}

/** The error of making it, which must be as the case says; undefined where it is made. */
function refusal(row: Case): Error | undefined {
  try {
    make(row);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function expectRefusal(error: Error, expected: Case['error']): void {
  const names = expected?.name.split('|') ?? ['SchemaError', 'UnsupportedSchemaError'];
  expect(names).toContain(error.name);
  if (expected?.pointer) expect(error.message).toContain(`'${expected.pointer}'`);
}

/** Byte by byte. */
async function expectViablePrefixes(
  constraint: AsyncConstraint<unknown, unknown>,
  text: string,
): Promise<void> {
  let state = constraint.start();
  const bytes = new TextEncoder().encode(text);
  for (let end = 0; end < bytes.length; end++) {
    state = await constraint.advance(state, bytes.subarray(end, end + 1));
    expect(state, `${end + 1} bytes of ${text}`).toBeDefined();
  }
}

/**
 * Whether JavaScript writes the same text without an exponent, so that it is the one canonical
 * spelling.
 */
function canonical(text: string): string | undefined {
  const written = JSON.stringify(JSON.parse(text));
  return /\d[eE][+-]?\d/.test(written) ? undefined : written;
}

describe('jsonSchema, regex, grammar and choice on cases from outside', () => {
  it.each(cases.map((row) => [row.id, row.why, row] as const))('%s: %s', async (_, __, row) => {
    const error = refusal(row);
    if (row.expect === 'refuse' || (row.expect === 'either' && error)) {
      expect(error, 'is refused').toBeInstanceOf(Error);
      expectRefusal(error!, row.error);
      return;
    }
    const constraint = make(row);
    for (const { text, valid } of row.tests) {
      expect(await accepts(constraint, text), text).toBe(valid);
      if (valid) await expectViablePrefixes(constraint, text);
    }
    for (const { text, viable } of row.prefixes ?? [])
      expect(await isViablePrefix(constraint, text), text).toBe(viable);
  });

  const written = cases.filter(
    ({ kind, expect }) => ['json-schema', 'zod', 'js'].includes(kind) && expect !== 'refuse',
  );
  it.each(written.map((row) => [row.id, row] as const))(
    '%s, compact and canonical',
    async (_, row) => {
      if (refusal(row)) return;
      const compact = make(row, { whitespace: 'none', spelling: 'canonical' });
      for (const { text, valid } of row.tests) {
        const again = valid ? canonical(text) : undefined;
        if (again !== undefined) expect(await accepts(compact, again), again).toBe(true);
      }
    },
  );
});
