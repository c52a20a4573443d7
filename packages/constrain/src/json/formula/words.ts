import { always, type Formula, type Formulas, never } from './formula.js';

/** A set of strings, seen from a place in them: what may follow the bytes that are there. */
export interface Words {
  /** Whether the string may end here. */
  readonly ends: boolean;
  /** Whether strings that leave all words are in the set too. */
  readonly others: boolean;
  /** Bytes of the character that has begun; empty between characters. */
  readonly begun: string;
  /** The bytes with which words go on, ascending. */
  nextBytes(): readonly number[];
  /** Undefined: no word goes on so. */
  step(byte: number): Words | undefined;
  formula(formulas: Formulas): Formula;
}

/** The formula left after one more byte. */
export function stepWords(formulas: Formulas, words: Words, byte: number): Formula {
  const next = words.step(byte);
  if (next) return next.formula(formulas);
  return words.others ? always : never;
}

/** The next characters of the words, as bytes; the rest of one where it has begun. */
export function* charactersOf(words: Words): Iterable<string> {
  for (const byte of words.nextBytes()) {
    const first = String.fromCharCode(byte);
    for (const rest of restsOf(words.step(byte)!)) yield first + rest;
  }
}

function* restsOf(words: Words): Iterable<string> {
  if (words.begun === '') yield '';
  else yield* charactersOf(words);
}

/** The value of `begun` after one more byte. */
export function goOnCharacter(begun: string, byte: number): string {
  const longer = begun + String.fromCharCode(byte);
  const lead = longer.charCodeAt(0);
  const length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return longer.length < length ? longer : '';
}
