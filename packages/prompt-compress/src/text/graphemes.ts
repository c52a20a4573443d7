import { segmentEnds } from './segment-ends.js';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Marks the offsets within user-perceived characters (UAX #29): after half a surrogate pair, before
 * a combining accent or the second half of a flag, around a zero-width joiner, before the line feed
 * of CRLF.
 * @returns [text.length + 1], 1 within a character
 */
export function withinCharacters(text: string): Uint8Array {
  const within = new Uint8Array(text.length + 1);
  for (const { index } of text.matchAll(/\r\n/g)) within[index + 1] = 1;
  // ASCII is segmented only where it touches other characters, for speed.
  for (const { index, 0: run } of text.matchAll(/[\0-\x7f]?(?:[^\0-\x7f]+[\0-\x7f]?)+/g)) {
    within.fill(1, index + 1, index + run.length);
    for (const end of segmentEnds(segmenter, run)) within[index + end] = 0;
  }
  return within;
}
