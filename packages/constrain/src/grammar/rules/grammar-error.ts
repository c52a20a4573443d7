import { PliantError } from '@pliant/core';

/**
 * A grammar that cannot be read, or not be enforced exactly. It is refused rather than weakened.
 */
export class GrammarError extends PliantError {
  /** From 1. */
  readonly line: number;
  /** In code points, from 1. */
  readonly column: number;

  /**
   * @param source of the grammar
   * @param position index in `source` where the problem begins
   * @param reason what is wrong and the way out
   */
  constructor(
    source: string,
    readonly position: number,
    reason: string,
  ) {
    const before = source.slice(0, position).split(/\r\n|\r|\n/);
    const line = before.length;
    const column = [...before[line - 1]].length + 1;
    super(`grammar at line ${line}, column ${column}: ${reason}`);
    this.line = line;
    this.column = column;
  }
}

/**
 * A text that a grammar reads in too many ways at once, or too deep, to be followed in bounded
 * memory.
 */
export class GrammarLimitError extends PliantError {}
