import { describe, expect, it } from 'vitest';
import { choice } from '../constraints/choice.js';
import { grammar } from '../constraints/grammar.js';
import { jsonSchema } from '../constraints/json-schema.js';
import { regex } from '../constraints/regex.js';
import { accepts, isViablePrefix } from '../contract/accepts.js';
import type { Constraint } from '../contract/constraint.js';
import { type HostileCase, hostileCases } from './hostile.test.support.js';

function build({ kind, options }: HostileCase, input: unknown): Constraint<unknown, unknown> {
  switch (kind) {
    case 'json-schema':
      return jsonSchema(input, options) as Constraint<unknown, unknown>;
    case 'regex':
      return regex(input as RegExp) as Constraint<unknown, unknown>;
    case 'gbnf':
      return grammar(input as string) as Constraint<unknown, unknown>;
    case 'choice':
      return choice(input as string[]) as Constraint<unknown, unknown>;
  }
}

function nameOf(error: unknown): string {
  return (error as Error).constructor.name;
}

/** What `accepts` says of the text, or the name of the error that may be thrown. */
function judge(constraint: Constraint<unknown, unknown>, text: string): boolean | string {
  try {
    return accepts(constraint, text);
  } catch (error) {
    return nameOf(error);
  }
}

function make(row: HostileCase, n: number): Constraint<unknown, unknown> | string {
  const input = row.make(n);
  try {
    return build(row, input);
  } catch (error) {
    return nameOf(error);
  }
}

const refusals = [
  'SchemaError',
  'UnsupportedSchemaError',
  'UnsupportedPatternError',
  'GrammarError',
];

describe('what is made to cost time or memory', () => {
  it.each(hostileCases.map((row) => [row.id, row] as const))('%s', (_, row) => {
    const n = row.sizes?.at(-1) ?? 0;
    const constraint = make(row, n);
    if (row.expect === 'refuse') expect(constraint).toBe(row.error);
    if (row.expect === 'compile') expect(constraint).toBeTypeOf('object');
    if (typeof constraint === 'string') {
      expect(refusals).toContain(constraint);
      return;
    }
    if (row.expect === 'compile') expect(isViablePrefix(constraint, '')).toBe(!row.empty);
    for (const { text, valid } of row.tests) {
      const verdict = judge(constraint, text(n));
      expect([valid, row.mayThrow], text(n).slice(0, 100)).toContain(verdict);
    }
  });
});
