import type { EncodedPrompt } from '@pliant/core';
import type { TextRange } from '../text/text-range.js';
import type { TokenCharacters } from '../tokens/characters.js';
import { type DroppedRange, droppedCharacters, droppedOfMessages } from './dropped.js';

/** What became of one prompt. */
export interface CompressionReport {
  /** The prompt's text; a chat as its template renders it. */
  readonly text: string;
  readonly tokens: number;
  readonly tokensKept: number;
  /** Dropped characters: UTF-16 offsets in `text`, `to` exclusive, ascending. */
  readonly dropped: readonly TextRange[];
  /** The same ranges by message of a chat, in the content of each as it was given. */
  readonly droppedOfMessages: readonly DroppedRange[];
  /** Why this number of tokens stayed, if `keep` is by evidence. */
  readonly reason?: string;
}

/** @param kept token indices, ascending */
export function reportOf(
  { ids, text, spans }: EncodedPrompt,
  characters: TokenCharacters,
  kept: Int32Array,
  reason?: string,
): CompressionReport {
  const dropped = droppedCharacters(characters, kept);
  return {
    text,
    tokens: ids.length,
    tokensKept: kept.length,
    dropped,
    droppedOfMessages: droppedOfMessages(dropped, spans),
    ...(reason !== undefined && { reason }),
  };
}
