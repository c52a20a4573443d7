import type { Summary } from '@pliant/shared/statistics';

/** One line of the report. */
export interface Row {
  readonly what: string;
  /** `ms/token`, `ms`, `MB`, `x` for a ratio, ... */
  readonly unit: string;
  readonly value: Summary;
  /** The project's target. Absent if the value only informs. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

export interface Effort {
  /** Rounds of a measurement. */
  readonly rounds: number;
  /** Tokens generated in a round. */
  readonly newTokens: number;
}

export type Measure = (effort: Effort) => Promise<readonly Row[]>;

export const once = (value: number): Summary => ({
  median: value,
  quartiles: [value, value],
  count: 1,
});

/** Whether the target is met. Undefined if there is none. */
export function isMet({ value, target }: Row): boolean | undefined {
  if (!target) return undefined;
  return 'atLeast' in target ? value.median >= target.atLeast : value.median <= target.atMost;
}
