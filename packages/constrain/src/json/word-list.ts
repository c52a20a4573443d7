import type { Atom } from './atoms.js';
import { always, type Formula, type Formulas, never } from './formula.js';

const encoder = new TextEncoder();
type Words = Extract<Atom, { type: 'words' }>;

/** Words in the order of their bytes, so that those with a common beginning stand together. */
export class WordList {
  #start: Formula | undefined;

  /**
   * @param bytes of the words, one a UTF-16 unit, ascending, each once
   * @param isIn whether a word counts as one; absent: all do
   * @param others whether all other strings do too; without them all words do
   */
  constructor(
    readonly bytes: readonly string[],
    readonly isIn?: readonly boolean[],
    readonly others = false,
  ) {}

  static of(words: Iterable<string>): WordList {
    return new WordList(sortedBytes(words));
  }

  start(formulas: Formulas): Formula {
    this.#start ??= this.#words(formulas, 0, this.bytes.length, 0);
    return this.#start;
  }

  /** The words that go on with `byte`. */
  step(formulas: Formulas, { low, high, depth }: Words, byte: number): Formula {
    const from = this.#bound(low, high, depth, byte);
    const to = this.#bound(from, high, depth, byte + 1);
    return this.#words(formulas, from, to, depth + 1);
  }

  /** Whether the word of the first `depth` bytes of word `low`, to which no smaller one goes on, counts. */
  has(low: number, depth: number): boolean {
    return this.bytes[low].length === depth ? (this.isIn?.[low] ?? true) : this.others;
  }

  /** The smallest and the largest byte with which words go on, -1 for the end of one; none where other strings count. */
  nextBytes({ low, high, depth }: Words): number[] {
    if (this.others) return [];
    const [first, last] = [this.bytes[low], this.bytes[high - 1]].map((word) =>
      word.length === depth ? -1 : word.charCodeAt(depth),
    );
    return first === last ? [first] : [first, last];
  }

  #words(formulas: Formulas, low: number, high: number, depth: number): Formula {
    if (low < high) return formulas.fresh({ type: 'words', list: this, low, high, depth });
    return this.others ? always : never;
  }

  /** The first word whose byte at `depth` is at least `byte`; words that end before come first. */
  #bound(low: number, high: number, depth: number, byte: number): number {
    let from = low;
    let to = high;
    while (from < to) {
      const middle = (from + to) >> 1;
      const word = this.bytes[middle];
      if (word.length <= depth || word.charCodeAt(depth) < byte) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** Each word once, as bytes, ascending. */
export function sortedBytes(words: Iterable<string>): string[] {
  return [...new Set(Array.from(words, toBytes))].sort();
}

/** UTF-8 as a string of one unit a byte, which sorts as bytes do. */
export function toBytes(text: string): string {
  for (let i = 0; i < text.length; i++)
    if (text.charCodeAt(i) > 0x7f) return Buffer.from(encoder.encode(text)).toString('latin1');
  return text;
}

export function fromBytes(bytes: string): string {
  for (let i = 0; i < bytes.length; i++)
    if (bytes.charCodeAt(i) > 0x7f) return Buffer.from(bytes, 'latin1').toString('utf8');
  return bytes;
}
