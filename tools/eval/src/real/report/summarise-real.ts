import { type Estimate, estimate, median } from '@pliant/shared/statistics';
import { groupBy } from '../../report/summarise.js';
import type { RealAnswer } from './results.js';

/** Figures of a method at a length, over the questions that it was asked. */
export interface RealRow {
  readonly method: string;
  /** Null for `plain`. */
  readonly keep: number | null;
  readonly questions: number;
  /** Share of right answers. */
  readonly right: Estimate;
  /**
   * This method's right answers less another's at the same length, question by question; absent
   * where they share none.
   */
  readonly less: { readonly [method: string]: Estimate | undefined };
  /** Mean share of the evidence that the target read; absent where no prompt was read. */
  readonly evidence: number | undefined;
  readonly tokensKept: number | undefined;
  /**
   * Median over the questions of plain's time to the first token over this method's, where one
   * process measured both.
   */
  readonly speedup: number | undefined;
  readonly errors: number;
}

/**
 * A row for each method at each length, in the order in which they come.
 * @param references methods that all are compared with
 */
export function summariseReal(
  answers: readonly RealAnswer[],
  references: readonly string[],
): RealRow[] {
  const groups = groupBy(answers, ({ method, keep }) => `${method} ${keep}`);
  const plain = new Map(groups.get('plain null')?.map((answer) => [answer.id, answer]));
  return [...groups.values()].map((own) => {
    const { method, keep } = own[0];
    const compared = references.filter((reference) => reference !== method);
    const speedups = own.flatMap(({ id, ttft, run }) => {
      const other = plain.get(id);
      return ttft && other?.ttft && other.run === run && method !== 'plain'
        ? other.ttft / ttft
        : [];
    });
    return {
      method,
      keep,
      questions: own.length,
      right: estimate(own.map(({ right }) => Number(right))),
      less: Object.fromEntries(
        compared.map((name) => {
          const others = groups.get(name === 'plain' ? 'plain null' : `${name} ${keep}`) ?? [];
          return [name, difference(own, others)];
        }),
      ),
      evidence: ifAny(
        own.flatMap(({ evidence }) => evidence ?? []),
        (all) => estimate(all).mean,
      ),
      tokensKept: ifAny(
        own.flatMap(({ tokensKept }) => tokensKept ?? []),
        median,
      ),
      speedup: ifAny(speedups, median),
      errors: own.filter(({ error }) => error !== undefined).length,
    };
  });
}

/** Right answers of one less those of the other, over the questions that both were asked. */
function difference(
  own: readonly RealAnswer[],
  others: readonly RealAnswer[],
): Estimate | undefined {
  const right = new Map(others.map((answer) => [answer.id, answer.right]));
  const differences = own
    .filter(({ id }) => right.has(id))
    .map((answer) => Number(answer.right) - Number(right.get(answer.id)));
  return ifAny(differences, estimate);
}

function ifAny<T>(values: readonly number[], of: (values: readonly number[]) => T): T | undefined {
  return values.length > 0 ? of(values) : undefined;
}
