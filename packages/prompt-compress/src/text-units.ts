import type { EncodedPrompt, PromptSpan } from '@pliant/core';
import type { TokenCharacters } from './characters.js';
import type { TokenRange } from './token-range.js';

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/**
 * The prompt's tokens as whole sentences, each with the blanks and line ends before it, or whole lines, each with its end. A token on a
 * border belongs to the unit in which it begins, and no character is split. No unit reaches over the border of a message.
 *
 * A line of more than `longest` tokens is taken as its sentences.
 *
 * @returns in order, every token in one
 */
export function textUnits(
  prompt: EncodedPrompt,
  characters: TokenCharacters,
  unit: 'sentence' | 'line',
  longest: number,
): TokenRange[] {
  const split = (range: TokenRange, kind: 'sentence' | 'line') =>
    splitRange(range, prompt.text, characters, kind);
  return regions(prompt.spans, prompt.ids.length)
    .flatMap((region) => split(region, unit))
    .flatMap((found) =>
      unit === 'line' && found.to - found.from > longest ? split(found, 'sentence') : [found],
    );
}

/** The spans and what lies between them. */
function regions(spans: readonly PromptSpan[], length: number): TokenRange[] {
  const found: TokenRange[] = [];
  let at = 0;
  for (const { from, to } of [...spans, { from: length, to: length }]) {
    if (from > at) found.push({ from: at, to: from });
    if (to > from) found.push({ from, to });
    at = to;
  }
  return found;
}

function splitRange(
  { from: first, to: last }: TokenRange,
  text: string,
  { start, end }: TokenCharacters,
  unit: 'sentence' | 'line',
): TokenRange[] {
  const units: TokenRange[] = [];
  const offset = start[first];
  let from = first;
  let to = first;
  for (const length of unitEnds(text.slice(offset, end[last - 1]), unit)) {
    while (to < last && (start[to] < offset + length || (to > from && start[to] < end[to - 1])))
      to++;
    if (to > from) units.push({ from, to });
    from = to;
  }
  // Blanks at the end.
  if (from < last) units.push({ from: units.pop()?.from ?? from, to: last });
  return units;
}

/** UTF-16 offsets at which the sentences or lines of a text end, ascending. */
function unitEnds(text: string, unit: 'sentence' | 'line'): number[] {
  const parts =
    unit === 'line'
      ? (text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [])
      : Array.from(sentences.segment(text), ({ segment }) => segment);
  let end = 0;
  return parts.map((part) => {
    end += part.length;
    // To most tokenizers a blank and the word behind it are one token. And sentences that are left never run into each other.
    return unit === 'sentence' ? end - part.length + part.trimEnd().length : end;
  });
}
