import { type DecoderShape, InvalidOptionsError, shareOf } from '@pliant/core';
import { z } from 'zod/v4';

/**
 * Most rows that may stay of a prompt: rows per layer and KV head, a share of the tokens read so
 * far, or bytes of keys and values.
 */
export type Budget = number | { readonly ratio: number } | { readonly bytes: number };

export const budgetSchema = z.union(
  [
    z.int().min(1),
    z.strictObject({ ratio: z.number().gt(0).max(1) }),
    z.strictObject({ bytes: z.int().min(1) }),
  ],
  'must be a whole number of rows, { ratio } above 0 to 1, or { bytes }',
);

/** Bytes of a row in all layers and KV heads, key and value, in float32. */
export function rowBytes({ layers, kvHeads, headDim }: DecoderShape): number {
  return 2 * layers * kvHeads * headDim * Float32Array.BYTES_PER_ELEMENT;
}

/**
 * Converts a budget to rows, rounded down.
 * @param tokens read so far, including this prompt's
 */
export function rowsOf(budget: Budget, tokens: number, shape: DecoderShape): number {
  if (typeof budget === 'number') return budget;
  if ('ratio' in budget) return shareOf(budget.ratio, tokens);
  return Math.floor(budget.bytes / rowBytes(shape));
}

/**
 * Checks what is known of a budget before the prompt is.
 * @throws InvalidOptionsError for a budget of fewer than `minimum` rows
 */
export function checkBudget(
  name: string,
  budget: Budget,
  policy: string,
  minimum: number,
  shape?: DecoderShape,
): void {
  const isKnown = typeof budget === 'number' || ('bytes' in budget && shape);
  if (!isKnown) return;
  const rows = typeof budget === 'number' ? budget : rowsOf(budget, 0, shape!);
  if (rows >= minimum) return;
  const given = typeof budget === 'number' ? '' : ` rows of ${rowBytes(shape!)} bytes each`;
  throw new InvalidOptionsError(name, [
    {
      path: 'budget',
      message: `is ${rows}${given}, but ${policy} as configured needs at least ${minimum}`,
    },
  ]);
}
