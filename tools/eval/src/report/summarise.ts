import {
  averageOverTasks,
  type Estimate,
  estimate,
  pairedDifference,
} from '@pliant/shared/statistics';
import type { Answer } from '../evaluate/answers.js';

/** The marks of an answer. Lower is better for `kl`, higher for the others. */
export const measures = ['stringMatch', 'kl', 'topOne'] as const;
export type Measure = (typeof measures)[number];

/**
 * A method's place among those at one budget: the best mean, or at most the best's standard error
 * away from it.
 */
export type Standing = 'best' | 'within';

export interface Row {
  readonly method: string;
  /** null for `full`. */
  readonly budget: number | null;
  /** Averages over the tasks. */
  readonly average: { readonly [measure in Measure]: Estimate };
  /**
   * This method less the reference method, prompt by prompt; absent for `full`, for the reference
   * itself, or where it was not run.
   */
  readonly difference?: { readonly [measure in Measure]: Estimate };
  /** Absent for `full`. */
  readonly standing: { readonly [measure in Measure]?: Standing };
  /** String match, by task. */
  readonly perTask: { readonly [task: string]: Estimate };
}

/**
 * A row for each method and budget, in the order in which they come in `answers`; `full` first.
 * @param referenceMethod that others are compared with
 */
export function summarise(answers: readonly Answer[], referenceMethod: string): Row[] {
  const groups = groupBy(answers, ({ method, budget }) => `${method}/${budget}`);
  const rows = [...groups.values()].map((group) => {
    const { method, budget } = group[0];
    const reference =
      method === 'full' || method === referenceMethod
        ? undefined
        : groups.get(`${referenceMethod}/${budget}`);
    return {
      method,
      budget,
      average: perMeasure((measure) => averageOverTasks(byTask(group, measure))),
      ...(reference && {
        difference: perMeasure((measure) =>
          pairedDifference(byTask(group, measure), byTask(reference, measure)),
        ),
      }),
      perTask: Object.fromEntries(
        [...groupBy(group, ({ task }) => task)].map(([task, own]) => [
          task,
          estimate(own.map(({ stringMatch }) => stringMatch)),
        ]),
      ),
    };
  });
  return rows.map((row) => ({ ...row, standing: standingOf(row, rows) }));
}

/** Ascending. */
export function budgetsOf(rows: readonly Row[]): number[] {
  return [...new Set(rows.flatMap(({ budget }) => budget ?? []))].sort((a, b) => a - b);
}

/** Groups in the order of their first member. */
export function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** Per task, in the order of the prompts. */
function byTask(answers: readonly Answer[], measure: Measure): number[][] {
  return [...groupBy(answers, ({ task }) => task).values()].map((own) =>
    own.map((answer) => answer[measure]),
  );
}

function perMeasure<T>(of: (measure: Measure) => T): { [measure in Measure]: T } {
  return { stringMatch: of('stringMatch'), kl: of('kl'), topOne: of('topOne') };
}

function standingOf(
  row: Pick<Row, 'method' | 'budget' | 'average'>,
  rows: readonly Pick<Row, 'method' | 'budget' | 'average'>[],
): Row['standing'] {
  if (row.budget === null) return {};
  const rivals = rows.filter(({ budget }) => budget === row.budget);
  return perMeasure((measure) => {
    const sign = measure === 'kl' ? -1 : 1;
    const of = (other: Pick<Row, 'average'>) => sign * other.average[measure].mean;
    const best = rivals.reduce((a, b) => (of(b) > of(a) ? b : a));
    if (of(row) === of(best)) return 'best';
    return of(best) - of(row) <= best.average[measure].standardError ? 'within' : undefined;
  });
}
