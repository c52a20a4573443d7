import type { TextSection } from '@pliant/core';
import { TextFinder } from '@pliant/core/engine';
import type { AddedToken } from './vocabulary.js';

/**
 * A stretch of text between added tokens, or an added token. UTF-16 offsets; what a token strips
 * beside itself is in neither.
 */
export interface Piece extends TextSection {
  /** Id of the added token. */
  readonly id?: number;
}

/**
 * Splits text at added tokens as the tokenizers library does (its AddedVocabulary): leftmost, of
 * those that begin at one place the longest; `lstrip` and `rstrip` take the blanks beside a token
 * with it, `single_word` ones are not found inside a word.
 */
export class AddedTokens {
  readonly #byContent: ReadonlyMap<string, AddedToken>;
  readonly #finder: TextFinder;

  constructor(tokens: readonly AddedToken[]) {
    this.#byContent = new Map(tokens.map((token) => [token.content, token]));
    this.#finder = new TextFinder(this.#byContent.keys());
  }

  /**
   * @param isControl ids that are not recognised where they reach into `literal`
   * @param literal ascending
   */
  split(
    text: string,
    isControl: ReadonlySet<number>,
    literal: readonly TextSection[] = [],
  ): Piece[] {
    const pieces: Piece[] = [];
    let section = 0;
    const isText = (at: number, content: string) => {
      if (!isControl.has(this.#byContent.get(content)!.id)) return false;
      while (section < literal.length && literal[section].to <= at) section++;
      return section < literal.length && literal[section].from < at + content.length;
    };
    let begin = 0;
    let from = 0;
    for (;;) {
      const hit = this.#finder.find(text, from, (at, content) => !isText(at, content));
      if (!hit) break;
      const token = this.#byContent.get(hit.found)!;
      const end = hit.at + hit.found.length;
      from = end;
      if (token.single_word && isInsideWord(text, hit.at, end)) continue;
      const start = token.lstrip ? Math.max(begin, blanksBefore(text, hit.at)) : hit.at;
      const stop = token.rstrip ? blanksAfter(text, end) : end;
      // Blanks that another token has taken with it.
      if (start >= stop) continue;
      if (begin < start) pieces.push({ from: begin, to: start });
      pieces.push({ from: hit.at, to: end, id: token.id });
      begin = stop;
    }
    if (begin < text.length) pieces.push({ from: begin, to: text.length });
    return pieces;
  }
}

/**
 * White space of Unicode, as the reference has it: with U+0085, and without the byte order mark
 * that JavaScript counts.
 */
const blank = '[^\\S\\uFEFF]|\\u0085';
const blanksAtStart = new RegExp(`(?:${blank})*`, 'y');
const isBlank = new RegExp(`^(?:${blank})$`);
const isWordCharacter = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]/u;

function blanksAfter(text: string, from: number): number {
  blanksAtStart.lastIndex = from;
  blanksAtStart.test(text);
  return blanksAtStart.lastIndex;
}

function blanksBefore(text: string, to: number): number {
  let from = to;
  while (from > 0 && isBlank.test(text[from - 1])) from--;
  return from;
}

function isInsideWord(text: string, from: number, to: number): boolean {
  const before =
    from > 0 && isWordCharacter.test(lastCharacter(text.slice(Math.max(0, from - 2), from)));
  const after =
    to < text.length && isWordCharacter.test(String.fromCodePoint(text.codePointAt(to)!));
  return before || after;
}

function lastCharacter(text: string): string {
  return Array.from(text).at(-1) ?? '';
}
