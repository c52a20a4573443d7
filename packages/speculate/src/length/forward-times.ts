import type { Forward, ForwardInput, ForwardOutput } from '@pliant/core';

/** Latest times that count, for each number of rows. */
const samples = 5;
/**
 * Measurements older than this many decode forwards are ignored, so one slow moment is forgotten.
 */
const lifetime = 128;
/** Time that each further row adds, as a share of the first. Assumed until measured. */
const assumedRow = 0.3;

interface Sample {
  readonly ms: number;
  readonly at: number;
}

/** Time of a forward by its number of rows, in any unit. */
export interface ForwardTimes {
  /** Undefined until one row was measured. */
  of(rows: number): number | undefined;
}

/**
 * Assumed times. If the length of a draft decides which tokens are drawn, it must not depend on
 * the clock.
 */
export const assumedTimes: ForwardTimes = { of: (rows) => 1 + assumedRow * (rows - 1) };

/** Measured times of decode forwards: the median of the latest. */
export class MeasuredTimes implements ForwardTimes {
  readonly #byRows = new Map<number, Sample[]>();
  #forwards = 0;

  add(rows: number, ms: number): void {
    const at = this.#forwards++;
    const known = this.#byRows.get(rows) ?? [];
    this.#byRows.set(rows, [...known.slice(1 - samples), { ms, at }]);
  }

  /** Runs a forward and records its time. */
  async measure(input: ForwardInput, forward: Forward): Promise<ForwardOutput> {
    const started = performance.now();
    const output = await forward(input);
    this.add(input.ids.length, performance.now() - started);
    return output;
  }

  /**
   * A number of rows that was not measured takes the time of the next smaller measured one, plus
   * the assumed time of each further row.
   */
  of(rows: number): number | undefined {
    const one = this.#median(1);
    if (one === undefined) return undefined;
    let below = 1;
    for (let count = rows; count > 1; count--)
      if (this.#median(count) !== undefined) {
        below = count;
        break;
      }
    return this.#median(below)! + (rows - below) * assumedRow * one;
  }

  copy(): MeasuredTimes {
    const copy = new MeasuredTimes();
    for (const [rows, known] of this.#byRows) copy.#byRows.set(rows, known);
    copy.#forwards = this.#forwards;
    return copy;
  }

  #median(rows: number): number | undefined {
    const known = this.#byRows.get(rows) ?? [];
    // A single row is measured all the time if nothing is drafted, and rarely if drafts never end.
    const fresh = rows === 1 ? known : known.filter(({ at }) => this.#forwards - at <= lifetime);
    if (fresh.length === 0) return undefined;
    const sorted = fresh.map(({ ms }) => ms).sort((a, b) => a - b);
    return sorted[(sorted.length - 1) >> 1];
  }
}
