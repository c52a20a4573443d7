import { parseArguments } from '@pliant/core';
import { z } from 'zod/v4';
import type { AsyncConstraint, Constraint } from './constraint.js';
import { constraintSchema } from './constraint-schema.js';

export type ConstraintList = readonly AsyncConstraint<unknown, unknown>[];

/** Sync where every part is. */
export type CombinedConstraint<
  Parts extends ConstraintList,
  State,
  Value,
> = Parts extends readonly Constraint<unknown, unknown>[]
  ? Constraint<State, Value>
  : AsyncConstraint<State, Value>;

const schema = z.strictObject({
  parts: z.array(constraintSchema).min(1, 'has at least one constraint'),
});

/** @throws InvalidArgumentError */
export function requireConstraints(where: string, parts: unknown): void {
  parseArguments(where, schema, { parts });
}

export function namesOf(parts: ConstraintList): string {
  return parts.map(({ name }) => name).join(', ');
}
