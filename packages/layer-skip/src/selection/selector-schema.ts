import { asGiven, type Capability, functionSchema } from '@pliant/core';
import { z } from 'zod/v4';
import type { LayerSelector } from './selector.js';

const methodSchema = functionSchema('must be a function');

/**
 * Checks a `LayerSelector`, also a user's own. What its functions return is checked after each
 * call.
 */
export const selectorSchema = asGiven<LayerSelector<Capability>>(
  z.looseObject(
    {
      name: z.string().min(1),
      requires: z.array(z.string()).readonly(),
      protects: methodSchema.optional(),
      exactOnly: z.literal(true).optional(),
      skip: z.int().min(0).optional(),
      threshold: z.number().optional(),
      check: methodSchema.optional(),
      verify: methodSchema.optional(),
      costs: methodSchema,
      scales: methodSchema.optional(),
    } satisfies Record<keyof LayerSelector, z.ZodType>,
    {
      error: ({ code }) =>
        code === 'invalid_type' ? 'must be a selector, for example staticGreedy()' : undefined,
    },
  ),
);
