import { clauseEnds } from '../text/clause-ends.js';
import { sentenceUnitEnds } from '../text/unit-ends.js';
import { rangesOf, type TokenCharacters } from './characters.js';
import type { TokenRange } from './token-range.js';

/** The text in which units are cut. */
export interface Cutting {
  readonly text: string;
  readonly characters: TokenCharacters;
  /** [n], 1 if a word, a number or any other single character begins. */
  readonly blockBegins: Uint8Array;
  /** [n], 1 if a user-perceived character begins. */
  readonly characterBegins: Uint8Array;
}

/**
 * Cuts a unit that is too long into its sentences. A sentence that is too long is cut into clauses,
 * a clause into runs of words, a word into runs of characters.
 * @param longest tokens of a piece, if the text allows it
 * @returns in order, every token of the unit in one
 */
export function cutUnit(unit: TokenRange, cutting: Cutting, longest: number): TokenRange[] {
  const { text, characters, blockBegins, characterBegins } = cutting;
  const { start, end } = characters;
  const run = Math.max(1, Math.min(32, Math.floor(longest / 4)));
  const levels = [
    (piece: TokenRange) => splitAt(piece, sentenceUnitEnds),
    (piece: TokenRange) => splitAt(piece, clauseEnds),
    (piece: TokenRange) => runs(piece, blockBegins),
    (piece: TokenRange) => runs(piece, characterBegins),
  ];
  return levels.reduce(
    (pieces, split) =>
      pieces.flatMap((piece) => (piece.to - piece.from > longest ? split(piece) : [piece])),
    [unit],
  );

  function splitAt(
    { from, to }: TokenRange,
    endsOf: (text: string) => readonly number[],
  ): TokenRange[] {
    const offset = start[from];
    const begins = new Set<number>();
    let token = from;
    for (const pieceEnd of endsOf(text.slice(offset, end[to - 1]))) {
      while (token < to && start[token] < offset + pieceEnd) token++;
      begins.add(token);
    }
    return between({ from, to }, (at) => begins.has(at) && blockBegins[at] === 1);
  }

  function runs({ from, to }: TokenRange, begins: Uint8Array): TokenRange[] {
    let last = from;
    return between({ from, to }, (at) => {
      if (!begins[at]) return false;
      let next = at + 1;
      while (next < to && !begins[next]) next++;
      if (next - last <= run) return false;
      last = at;
      return true;
    });
  }

  function between({ from, to }: TokenRange, begins: (token: number) => boolean): TokenRange[] {
    const part = { start: start.subarray(from, to), end: end.subarray(from, to) };
    return rangesOf(part, (token) => begins(token + from)).map((range) => ({
      from: range.from + from,
      to: range.to + from,
    }));
  }
}
