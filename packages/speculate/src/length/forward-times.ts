import type { Forward, ForwardInput, ForwardOutput } from '@pliant/core';

/** Of each number of rows, the latest so many times count. */
const samples = 5;
/** Decode forwards after which a time counts no more: what a busy machine spoiled is tried again. */
const lifetime = 128;
/** Assumed until measured: what each further row adds, as a share of the first. */
const assumedRow = 0.3;

interface Sample {
  readonly ms: number;
  readonly at: number;
}

/** What a forward costs, by its number of rows. */
export interface ForwardTimes {
  /** Undefined while nothing is known. */
  of(rows: number): number | undefined;
}

/** Times as assumed, whatever the clock says: where the number of drafts decides what is drawn, it must not depend on it. */
export const assumedTimes: ForwardTimes = { of: (rows) => 1 + assumedRow * (rows - 1) };

/** Times of decode forwards as they were measured: the median of the latest. */
export class MeasuredTimes implements ForwardTimes {
  readonly #byRows = new Map<number, Sample[]>();
  #forwards = 0;

  add(rows: number, ms: number): void {
    const at = this.#forwards++;
    const known = this.#byRows.get(rows) ?? [];
    this.#byRows.set(rows, [...known.slice(1 - samples), { ms, at }]);
  }

  /** Runs a forward, and notes what it took. */
  async measure(input: ForwardInput, forward: Forward): Promise<ForwardOutput> {
    const started = performance.now();
    const output = await forward(input);
    this.add(input.ids.length, performance.now() - started);
    return output;
  }

  /** Rows that were not measured cost what the next smaller measured number costs, and so much for each row more. */
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
    // A single row is measured all the time where nothing is drafted, and rarely where all is.
    const fresh = rows === 1 ? known : known.filter(({ at }) => this.#forwards - at <= lifetime);
    if (fresh.length === 0) return undefined;
    const sorted = fresh.map(({ ms }) => ms).sort((a, b) => a - b);
    return sorted[(sorted.length - 1) >> 1];
  }
}
