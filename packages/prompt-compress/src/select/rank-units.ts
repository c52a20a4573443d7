import type { TokenRange } from '../tokens/token-range.js';

export interface UnitRanking {
  /** [n], the draft's scores of tokens. */
  readonly score: Float64Array;
  /**
   * [n], 1 for tokens that stay in any case. Units with such a token are worth nothing and lend
   * nothing, since the question resembles itself most.
   */
  readonly required: Uint8Array;
  readonly unitScore: 'max' | 'mean';
  /** Returns how much of the question each unit has in it, 0 or more. */
  overlapOf(units: readonly TokenRange[]): Float64Array;
  /** Weight of the overlap against the draft's score, each relative to its largest. */
  readonly lexicalWeight: number;
  /** Tokens over which the worth that a unit lends its neighbours falls to 1/e; 0 lends nothing. */
  readonly context: number;
}

/** Ranks whole sentences or lines, best first; of equal ones the earlier comes first. */
export function rankUnits(units: readonly TokenRange[], ranking: UnitRanking): TokenRange[] {
  const inOrder = units.toSorted((a, b) => a.from - b.from);
  const worth = worthOfUnits(inOrder, ranking);
  return inOrder
    .map((_, index) => index)
    .sort((a, b) => worth[b] - worth[a] || a - b)
    .map((index) => inOrder[index]);
}

/**
 * Returns what each unit is worth: the attention that the draft pays to it and the words that it
 * shares with the question, or the worth that a better neighbour lends it. Answers often stand next
 * to what resembles the question.
 * @param units in the order of the prompt
 * @returns [units], 0 or more
 */
export function worthOfUnits(units: readonly TokenRange[], ranking: UnitRanking): number[] {
  const { required, context, lexicalWeight } = ranking;
  const isFree = units.map(({ from, to }) => !required.subarray(from, to).includes(1));
  const worth = scaled(units.map((unit, i) => (isFree[i] ? attentionOf(unit, ranking) : 0)));
  if (lexicalWeight > 0) {
    const overlap = Array.from(ranking.overlapOf(units), (value, i) => (isFree[i] ? value : 0));
    for (const [i, value] of scaled(overlap).entries()) worth[i] += lexicalWeight * value;
  }
  return context > 0 ? lend(worth, units, context) : worth;
}

function attentionOf({ from, to }: TokenRange, { score, unitScore }: UnitRanking): number {
  const scores = score.subarray(from, to);
  return unitScore === 'max'
    ? scores.reduce((best, value) => Math.max(best, value), 0)
    : scores.reduce((sum, value) => sum + value, 0) / scores.length;
}

/** Scales the values so that the largest becomes 1. */
function scaled(values: number[]): number[] {
  const largest = values.reduce((best, value) => Math.max(best, value), 0);
  return largest > 0 ? values.map((value) => value / largest) : values;
}

/**
 * Raises each unit's worth to the best neighbour's times exp(-d / context), with d the tokens from
 * middle to middle.
 */
function lend(worth: readonly number[], units: readonly TokenRange[], context: number): number[] {
  const middle = ({ from, to }: TokenRange) => (from + to) / 2;
  const lent = (from: number, to: number, carried: number) =>
    carried * Math.exp(-Math.abs(middle(units[to]) - middle(units[from])) / context);
  const raised = worth.slice();
  for (let i = 1, carried = worth[0]; i < units.length; i++) {
    carried = Math.max(lent(i - 1, i, carried), worth[i]);
    raised[i] = Math.max(raised[i], carried);
  }
  for (let i = units.length - 2, carried = worth.at(-1)!; i >= 0; i--) {
    carried = Math.max(lent(i + 1, i, carried), worth[i]);
    raised[i] = Math.max(raised[i], carried);
  }
  return raised;
}
