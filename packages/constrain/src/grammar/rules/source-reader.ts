import { GrammarError } from './grammar-error.js';

const maxLength = 1_000_000;
const maxDepth = 100;

/** A cursor over the source of a grammar. */
export class SourceReader {
  at = 0;
  #depth = 0;

  constructor(readonly source: string) {
    if (source.length > maxLength)
      this.fail(
        `the grammar is longer than ${maxLength} characters. Leave out what is not needed`,
        0,
      );
  }

  get done(): boolean {
    return this.at >= this.source.length;
  }

  /** Whether a line ends here, or has only just begun. */
  get atLineEdge(): boolean {
    let before = this.at;
    while (before > 0 && ' \t'.includes(this.source[before - 1])) before--;
    return before === 0 || '\r\n'.includes(this.source[before - 1]) || '\r\n'.includes(this.peek());
  }

  peek(): string {
    return this.source[this.at] ?? '';
  }

  startsWith(text: string): boolean {
    return this.source.startsWith(text, this.at);
  }

  /** Passes over `text` if it stands here. */
  take(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.at += text.length;
    return true;
  }

  /**
   * Passes over what matches here.
   * @param sticky a regular expression with flag `y`
   */
  match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.at;
    const match = sticky.exec(this.source);
    if (match) this.at += match[0].length;
    return match;
  }

  /**
   * Passes over `text` and the space before it, if it stands there; over nothing otherwise. @param
   * space with flag `y`
   */
  takeAfter(space: RegExp, text: string): boolean {
    const before = this.at;
    this.match(space);
    if (this.take(text)) return true;
    this.at = before;
    return false;
  }

  /** @param expected what should stand here, for the error */
  expect(text: string, expected: string): void {
    if (!this.take(text)) this.fail(`${expected} expected, found ${this.found()}`);
  }

  codePoint(): number {
    const codePoint = this.source.codePointAt(this.at)!;
    this.at += codePoint > 0xffff ? 2 : 1;
    return this.check(codePoint, this.at - 1);
  }

  /** @returns `codePoint`, which a text in UTF-8 can have */
  check(codePoint: number, position: number): number {
    if (codePoint > 0x10ffff) this.fail('there are no characters beyond U+10FFFF', position);
    if (codePoint >= 0xd800 && codePoint < 0xe000)
      this.fail(
        'half of a surrogate pair is not a character. Write the code point, \\U0001F600',
        position,
      );
    return codePoint;
  }

  /** A bounded number of levels: the readers are recursive. */
  nested<T>(read: () => T): T {
    if (++this.#depth > maxDepth)
      this.fail(`groups nested deeper than ${maxDepth}. Give inner ones a name of their own`);
    const result = read();
    this.#depth--;
    return result;
  }

  found(): string {
    if (this.done) return 'the end of the grammar';
    const char = String.fromCodePoint(this.source.codePointAt(this.at)!);
    return char === '\n' || char === '\r' ? 'the end of the line' : `'${char}'`;
  }

  fail(reason: string, position = this.at): never {
    throw new GrammarError(this.source, position, reason);
  }
}
