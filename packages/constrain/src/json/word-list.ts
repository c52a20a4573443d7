import type { Formula, Formulas } from './formula.js';

const encoder = new TextEncoder();
let lists = 0;

/** Words in the order of their bytes, so that those with a common beginning stand together. */
export class WordList {
  readonly #id = lists++;

  /** @param bytes of the words, one a UTF-16 unit, ascending, each once */
  constructor(readonly bytes: readonly string[]) {}

  static of(words: Iterable<string>): WordList {
    return new WordList([...new Set(Array.from(words, toBytes))].sort());
  }

  atom(formulas: Formulas): Formula {
    return wordsAtom(formulas, this, this.#id, 0, this.bytes.length, 0);
  }

  /** The words that go on with `byte`. */
  step(formulas: Formulas, low: number, high: number, depth: number, byte: number): Formula {
    const from = this.#bound(low, high, depth, byte);
    const to = this.#bound(from, high, depth, byte + 1);
    return wordsAtom(formulas, this, this.#id, from, to, depth + 1);
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

function wordsAtom(
  formulas: Formulas,
  list: WordList,
  id: number,
  low: number,
  high: number,
  depth: number,
): Formula {
  if (low === high) return formulas.or([]);
  return formulas.atom(`w${id},${low},${high},${depth}`, () => ({
    type: 'words',
    list,
    low,
    high,
    depth,
  }));
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
