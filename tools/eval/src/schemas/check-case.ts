import { accepts, type Constraint, jsonSchema } from '@pliant/constrain';
import { PliantError } from '@pliant/core';
import { type SchemaCase, schemaOf } from './case-set.js';
import { cpuMs } from './cpu-time.js';

/** One instance on which a schema's constraint is wrong. */
export interface WrongVerdict {
  readonly instance: number;
  readonly kind: 'valid rejected' | 'invalid accepted' | 'invalid accepted, by format only';
  readonly failedKeyword: string | undefined;
}

export interface CheckedCase {
  readonly id: string;
  readonly constraint: Constraint | undefined;
  /** Why the schema was refused. */
  readonly refused: string | undefined;
  /** CPU time. */
  readonly compileMs: number;
  readonly expected: readonly { readonly valid: boolean; readonly formatOnly: boolean }[];
  readonly wrong: readonly WrongVerdict[];
  /** Whether each instance was accepted; empty where the schema was refused. */
  readonly accepted: readonly boolean[];
}

/** Compiles a schema and asks for each instance. */
export function checkCase(schemaCase: SchemaCase): CheckedCase {
  const { id, tests } = schemaCase;
  const schema = schemaOf(schemaCase);
  const expected = tests.map(({ valid, needs_format: formatOnly = false }) => ({
    valid,
    formatOnly,
  }));
  const started = cpuMs();
  let constraint: Constraint;
  try {
    constraint = jsonSchema(schema) as Constraint;
    // Automata are built when first asked for.
    constraint.start();
  } catch (error) {
    if (!PliantError.isInstance(error)) throw error;
    const compileMs = cpuMs() - started;
    const refused = error.message;
    return { id, constraint: undefined, refused, compileMs, expected, wrong: [], accepted: [] };
  }
  const compileMs = cpuMs() - started;
  const accepted = tests.map(({ text }) => accepts(constraint, text));
  const wrong = tests.flatMap((test, instance): WrongVerdict[] => {
    if (accepted[instance] === test.valid) return [];
    const failedKeyword = test.failed_keyword;
    if (test.valid) return [{ instance, kind: 'valid rejected', failedKeyword }];
    const kind = test.needs_format ? 'invalid accepted, by format only' : 'invalid accepted';
    return [{ instance, kind, failedKeyword }];
  });
  return {
    id,
    constraint,
    refused: undefined,
    compileMs,
    expected,
    wrong,
    accepted,
  };
}
