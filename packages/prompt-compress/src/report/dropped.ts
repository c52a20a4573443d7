import type { PromptSpan } from '@pliant/core';
import type { TextRange } from '../text/text-range.js';
import type { TokenCharacters } from '../tokens/characters.js';

/** Characters dropped from a message: UTF-16 offsets in its content as given, `to` exclusive. */
export interface DroppedRange {
  /** Index of the message. */
  readonly message: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Finds the characters of tokens that are not kept. A character of which only a part was kept
 * counts as dropped.
 * @param kept token indices, ascending
 * @returns UTF-16 offsets in the prompt's text, ascending, neighbours joined
 */
export function droppedCharacters({ start, end }: TokenCharacters, kept: Int32Array): TextRange[] {
  const dropped: { from: number; to: number }[] = [];
  let next = 0;
  for (let token = 0; token < start.length; token++) {
    if (kept[next] === token) {
      next++;
      continue;
    }
    if (start[token] === end[token]) continue;
    const last = dropped.at(-1);
    if (last && start[token] <= last.to) last.to = end[token];
    else dropped.push({ from: start[token], to: end[token] });
  }
  return dropped;
}

/** Gives the dropped ranges by message; text that the chat template wrote is in none. */
export function droppedOfMessages(
  dropped: readonly TextRange[],
  spans: readonly PromptSpan[],
): DroppedRange[] {
  const found: DroppedRange[] = [];
  let next = 0;
  for (const { message } of spans) {
    if (!message) continue;
    const { index, textFrom, textTo, contentFrom } = message;
    while (next < dropped.length && dropped[next].to <= textFrom) next++;
    for (let i = next; i < dropped.length && dropped[i].from < textTo; i++)
      found.push({
        message: index,
        from: Math.max(dropped[i].from, textFrom) - textFrom + contentFrom,
        to: Math.min(dropped[i].to, textTo) - textFrom + contentFrom,
      });
  }
  return found;
}
