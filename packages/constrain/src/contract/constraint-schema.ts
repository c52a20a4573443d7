import { objectWith } from '@pliant/core';
import { z } from 'zod/v4';
import type { AsyncConstraint } from './constraint.js';

const optionalMethods = ['mustEnd', 'forced', 'mask', 'acceptsAll', 'completion', 'value'] as const;

/** A constraint, one's own too. */
export const constraintSchema = objectWith<AsyncConstraint<unknown, unknown>>(
  ['start', 'advance', 'canEnd'],
  'must be a constraint, such as regex(/[0-9]+/), jsonSchema(schema) or predicate((text) => ...)',
  (constraint) =>
    typeof constraint.name === 'string' &&
    optionalMethods.every(
      (name) => constraint[name] === undefined || typeof constraint[name] === 'function',
    ),
);

/** The arguments of a function of a constraint. */
export const constraintArgument = z.strictObject({ constraint: constraintSchema });
