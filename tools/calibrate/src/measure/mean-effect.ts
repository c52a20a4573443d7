import { mean } from '@pliant/shared/statistics';
import type { MeanEffect } from './greedy-order.js';
import type { Effect } from './measurements.js';

/** Each prompt counts the same. */
export function meanEffect(effects: readonly Effect[]): MeanEffect {
  return {
    kl: mean(effects.map(({ kl }) => kl)),
    agreement: mean(effects.map(({ agreement }) => agreement)),
  };
}

/** Mean by column of equally long rows. */
export function meanColumns(rows: readonly ArrayLike<number>[]): number[] {
  return Array.from({ length: rows[0].length }, (_, column) =>
    mean(rows.map((row) => row[column])),
  );
}
