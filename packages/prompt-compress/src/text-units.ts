import type { EncodedPrompt, PromptSpan } from '@pliant/core';
import { rangesOf, type TokenCharacters } from './characters.js';
import { lineUnitEnds, sentenceUnitEnds } from './text/unit-ends.js';
import type { TokenRange } from './token-range.js';

/**
 * The prompt's tokens as whole sentences, each with the blanks and line ends before it, or whole lines, each with its end. A token on a
 * border belongs to the unit in which it begins, and no character is split. No unit reaches over the border of a message.
 * @returns in order, every token in one
 */
export function textUnits(
  { text, spans, ids }: EncodedPrompt,
  characters: TokenCharacters,
  unit: 'sentence' | 'line',
): TokenRange[] {
  const { start, end } = characters;
  const begins = new Uint8Array(ids.length + 1);
  for (const { from, to } of regions(spans, ids.length)) {
    begins[from] = 1;
    const offset = start[from];
    const part = text.slice(offset, end[to - 1]);
    const ends = unit === 'line' ? lineUnitEnds(part) : sentenceUnitEnds(part);
    let token = from;
    // The last end is that of the region: blanks after the last unit belong to it.
    for (const unitEnd of ends.slice(0, -1)) {
      while (token < to && start[token] < offset + unitEnd) token++;
      if (token < to) begins[token] = 1;
    }
  }
  return rangesOf(characters, (token) => begins[token] === 1);
}

/** The spans and what lies between them. */
export function regions(spans: readonly PromptSpan[], length: number): TokenRange[] {
  const found: TokenRange[] = [];
  let at = 0;
  for (const { from, to } of [...spans, { from: length, to: length }]) {
    if (from > at) found.push({ from: at, to: from });
    if (to > from) found.push({ from, to });
    at = to;
  }
  return found;
}
