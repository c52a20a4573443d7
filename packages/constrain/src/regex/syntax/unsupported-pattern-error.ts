import { PliantError } from '@pliant/core';

/** A regular expression that cannot be enforced exactly. It is refused rather than weakened. */
export class UnsupportedPatternError extends PliantError {
  /**
   * @param pattern source of the regular expression
   * @param position index in `pattern` where the problem begins
   * @param reason what is not supported and the way out
   */
  constructor(
    readonly pattern: string,
    readonly position: number,
    readonly reason: string,
  ) {
    const shown = pattern.length > 80 ? `${pattern.slice(0, 80)}...` : pattern;
    super(`regex /${shown}/ at ${position}: ${reason}`);
  }
}
