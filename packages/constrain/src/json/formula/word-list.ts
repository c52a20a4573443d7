import type { Formula, Formulas } from './formula.js';
import { always, never } from './formula.js';
import { goOnCharacter, type Words } from './words.js';

const encoder = new TextEncoder();

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

  /** Without those that hold half a surrogate pair: no text has them. */
  static of(words: Iterable<string>): WordList {
    return new WordList(sortedBytes([...words].filter(isWellFormed)));
  }

  start(formulas: Formulas): Formula {
    if (!this.#start) {
      const { length } = this.bytes;
      this.#start =
        length > 0 ? new WordRange(this, 0, length, 0, '').formula(formulas) : this.#empty();
    }
    return this.#start;
  }

  #empty(): Formula {
    return this.others ? always : never;
  }
}

/** The words low to high - 1 of a list, which agree in their first `depth` bytes. */
class WordRange implements Words {
  constructor(
    readonly list: WordList,
    readonly low: number,
    readonly high: number,
    readonly depth: number,
    readonly begun: string,
  ) {}

  /** A word that ends here is the first one. */
  get ends(): boolean {
    const { list, low, depth } = this;
    return list.bytes[low].length === depth ? (list.isIn?.[low] ?? true) : list.others;
  }

  get others(): boolean {
    return this.list.others;
  }

  nextBytes(): readonly number[] {
    const { list, high, depth } = this;
    const found: number[] = [];
    for (let at = list.bytes[this.low].length === depth ? this.low + 1 : this.low; at < high; ) {
      const byte = list.bytes[at].charCodeAt(depth);
      found.push(byte);
      at = this.#bound(at, byte + 1);
    }
    return found;
  }

  step(byte: number): WordRange | undefined {
    const { list, low, depth, begun } = this;
    const from = this.#bound(low, byte);
    const to = this.#bound(from, byte + 1);
    if (from === to) return undefined;
    return new WordRange(list, from, to, depth + 1, goOnCharacter(begun, byte));
  }

  formula(formulas: Formulas): Formula {
    return formulas.fresh({ type: 'words', words: this });
  }

  /**
   * The first word from `low` on whose next byte is at least `byte`; words that end before come
   * first.
   */
  #bound(low: number, byte: number): number {
    const { list, depth } = this;
    let from = low;
    let to = this.high;
    while (from < to) {
      const middle = (from + to) >> 1;
      const word = list.bytes[middle];
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

/** Whether no half of a surrogate pair stands alone. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
