import type { EncodedPrompt } from '@pliant/core';
import { blockBegins } from '../text/blocks.js';
import { withinCharacters } from '../text/graphemes.js';
import { rangesOf, type TokenCharacters } from './characters.js';
import type { Cutting } from './cut-unit.js';
import { regions } from './text-units.js';
import type { TokenRange } from './token-range.js';

/** Places at which a prompt's tokens may be parted. */
export interface PromptText extends Cutting {
  /**
   * Words, numbers and other single characters: the smallest parts that are kept or dropped. In
   * order, every token in one.
   */
  readonly blocks: readonly TokenRange[];
}

/** @param units no block crosses the border of a unit, nor that of a message */
export function promptText(
  { text, spans, ids }: EncodedPrompt,
  characters: TokenCharacters,
  units: readonly TokenRange[],
): PromptText {
  const { start } = characters;
  const begins = blockBegins(text);
  const within = withinCharacters(text);
  const characterBegins = Uint8Array.from(ids, (_, token) => 1 - within[start[token]]);
  const blockMarks = Uint8Array.from(ids, (_, token) => begins[start[token]]);
  for (const { from } of [...units, ...regions(spans, ids.length)]) blockMarks[from] = 1;
  return {
    text,
    characters,
    blockBegins: blockMarks,
    characterBegins,
    blocks: rangesOf(characters, (token) => blockMarks[token] === 1),
  };
}
