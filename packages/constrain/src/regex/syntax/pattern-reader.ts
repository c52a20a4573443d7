import { UnsupportedPatternError } from './unsupported-pattern-error.js';

/** A place in the source of a pattern. */
export class PatternReader {
  protected at = 0;

  constructor(readonly source: string) {}

  protected peek(): string {
    return this.source[this.at];
  }

  /** Whether `symbol` comes; then it is passed. */
  protected take(symbol: string): boolean {
    if (this.peek() !== symbol) return false;
    this.at++;
    return true;
  }

  /** Reads and returns what `sticky`, a regular expression with flag `y`, matches here. */
  protected match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.at;
    const match = sticky.exec(this.source);
    if (match) this.at += match[0].length;
    return match;
  }

  protected refuse(reason: string, position = this.at): never {
    throw new UnsupportedPatternError(this.source, position, reason);
  }
}
