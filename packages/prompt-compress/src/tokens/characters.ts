import type { EncodedPrompt } from '@pliant/core';
import type { TokenRange } from './token-range.js';

/** [n] each: UTF-16 offsets in the prompt's text, `end` exclusive. A character that a token holds a part of counts whole. */
export interface TokenCharacters {
  readonly start: Int32Array;
  readonly end: Int32Array;
}

/** Where the characters of each token stand. For a prompt whose ids are no valid UTF-8 (`spellsText`) they mean nothing. */
export function tokenCharacters({ text, byteStart, byteEnd }: EncodedPrompt): TokenCharacters {
  const bytes = Buffer.byteLength(text);
  // [bytes + 1]: where the character that holds a byte begins, and ends.
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

/** Whether the tokens are the bytes of the prompt's text. They are not where a prompt was given as ids that are no valid UTF-8. */
export function spellsText(
  { ids, text, byteStart, byteEnd }: EncodedPrompt,
  bytesOf: (id: number) => Uint8Array,
): boolean {
  const bytes = Buffer.from(text);
  return ids.every(
    (id, i) => Buffer.compare(bytesOf(id), bytes.subarray(byteStart[i], byteEnd[i])) === 0,
  );
}

/** The smallest ranges of tokens that split no character: nearly always single tokens. In order, every token in one. */
export function characterBlocks(characters: TokenCharacters): TokenRange[] {
  return rangesOf(characters, () => true);
}

/**
 * Ranges of tokens in order, every token in one, that split no character.
 * @param begins whether one may begin with a token
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
