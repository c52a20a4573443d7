import { parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { AsyncConstraint, Constraint } from './constraint.js';

export type ConstraintList = readonly AsyncConstraint<unknown, unknown>[];

/** Sync where every part is. */
export type CombinedConstraint<
  Parts extends ConstraintList,
  State,
  Value,
> = Parts extends readonly Constraint<unknown, unknown>[]
  ? Constraint<State, Value>
  : AsyncConstraint<State, Value>;

const schema = z
  .array(
    z.custom<AsyncConstraint>(
      (value) => typeof (value as AsyncConstraint | null)?.advance === 'function',
      'is a constraint such as regex(/[0-9]+/)',
    ),
  )
  .min(1, 'has at least one constraint');

/** @throws InvalidOptionsError */
export function requireConstraints(where: string, parts: unknown): void {
  parseOptions(where, schema, parts);
}

export function namesOf(parts: ConstraintList): string {
  return parts.map(({ name }) => name).join(', ');
}
