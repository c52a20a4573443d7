import type { MeanEffect } from './greedy-order.js';
import type { Effect } from './measurements.js';

/** Each prompt counts the same. */
export function meanEffect(effects: readonly Effect[]): MeanEffect {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    kl: mean(effects.map(({ kl }) => kl)),
    agreement: mean(effects.map(({ agreement }) => agreement)),
  };
}

/** Mean by column of equally long rows. */
export function meanColumns(rows: readonly ArrayLike<number>[]): number[] {
  return Array.from(
    { length: rows[0].length },
    (_, column) => rows.reduce((sum, row) => sum + row[column], 0) / rows.length,
  );
}
