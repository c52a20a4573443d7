import { asGiven, functionSchema } from '@pliant/core';
import { z } from 'zod/v4';
import type { Policy } from './policy.js';

const methodSchema = functionSchema('must be a function');

/** Checks a `Policy`, also a user's own. What its functions return is checked after each call. */
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

/** Checks the argument of a wrapper. */
export const wrappedSchema = z.strictObject({ policy: policySchema });
