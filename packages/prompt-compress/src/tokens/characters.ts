import type { EncodedPrompt } from '@pliant/core';
import type { TokenRange } from './token-range.js';

/**
 * UTF-16 offsets of each token in the prompt's text, [n] each, `end` exclusive. A character of
 * which a token holds a part counts whole.
 */
export interface TokenCharacters {
  readonly start: Int32Array;
  readonly end: Int32Array;
}

/**
 * Finds where the characters of each token stand. Meaningless for a prompt whose ids are not valid
 * UTF-8 (`spellsText`).
 */
export function tokenCharacters({ text, byteStart, byteEnd }: EncodedPrompt): TokenCharacters {
  const bytes = Buffer.byteLength(text);
  // [bytes + 1]: where the character that holds a byte begins, and where it ends.
  const begins = new Int32Array(bytes + 1).fill(text.length);
  const ends = new Int32Array(bytes + 1).fill(text.length);
  let byte = 0;
  let at = 0;
  for (const character of text) {
    const next = byte + Buffer.byteLength(character);
    begins.fill(at, byte, next);
    at += character.length;
    ends.fill(at, byte, next);
    byte = next;
  }
  const start = byteStart.map((from) => begins[Math.min(from, bytes)]);
  return {
    start,
    end: byteEnd.map((to, i) => (to > byteStart[i] ? ends[Math.min(to - 1, bytes)] : start[i])),
  };
}

/**
 * Whether the tokens are the bytes of the prompt's text. They are not if a prompt was given as ids
 * that are not valid UTF-8.
 */
export function spellsText(
  { ids, text, byteStart, byteEnd }: EncodedPrompt,
  bytesOf: (id: number) => Uint8Array,
): boolean {
  const bytes = Buffer.from(text);
  return ids.every(
    (id, i) => Buffer.compare(bytesOf(id), bytes.subarray(byteStart[i], byteEnd[i])) === 0,
  );
}

/**
 * Returns the smallest ranges of tokens that split no character: nearly always single tokens. In
 * order, every token in one.
 */
export function characterBlocks(characters: TokenCharacters): TokenRange[] {
  return rangesOf(characters, () => true);
}

/**
 * Returns ranges of tokens that split no character, in order, every token in one.
 * @param begins whether a range may begin with a token
 */
export function rangesOf(
  { start, end }: TokenCharacters,
  begins: (token: number) => boolean,
): TokenRange[] {
  const ranges: TokenRange[] = [];
  let from = 0;
  for (let to = 1; to <= start.length; to++) {
    if (to < start.length && (start[to] < end[to - 1] || !begins(to))) continue;
    ranges.push({ from, to });
    from = to;
  }
  return ranges;
}
