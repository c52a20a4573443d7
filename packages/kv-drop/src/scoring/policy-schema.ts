import { asGiven, functionSchema } from '@pliant/core';
import { z } from 'zod/v4';
import type { Policy } from './policy.js';

const methodSchema = functionSchema('must be a function');

/** A `Policy`, one's own too. What its functions return is checked where they are called. */
export const policySchema = asGiven<Policy>(
  z.looseObject(
    {
      name: z.string().min(1),
      requires: z.array(z.string()).readonly(),
      minimumBudget: z.int().min(0),
      lookahead: z.looseObject({}).optional(),
      check: methodSchema.optional(),
      scores: methodSchema.optional(),
      layerBudgets: methodSchema.optional(),
      protect: methodSchema.optional(),
      protectNewest: methodSchema.optional(),
      score: methodSchema,
    } satisfies Record<keyof Policy, z.ZodType>,
    {
      error: ({ code }) =>
        code === 'invalid_type' ? 'must be a policy, such as snapKV()' : undefined,
    },
  ),
);

/** The argument of what wraps a policy. */
export const wrappedSchema = z.strictObject({ policy: policySchema });
