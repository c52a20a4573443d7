import type { EncodedPrompt, Message } from '../contract/tokenizer.js';
import { encodeLong } from '../prompt/encode-long.js';
import { encodeText, textOfLaterTurn } from '../prompt/encode-prompt.js';
import { answerInCache, prependUnread } from '../turn/later-turn.js';
import type { ActiveTurn } from '../turn/turn.js';
import { readingOf } from './long-reading.js';

/** The prompt of a later turn, and its place in the cache. */
export interface LaterPrompt {
  readonly prompt: EncodedPrompt;
  /** Position of its first token: the cache is truncated to it. */
  readonly position: number;
  /** Rotary position of its first token. */
  readonly rotaryPosition: number;
  /** Tokens of the last answer that are part of the chat. */
  readonly answered: number;
  /** Encodes all of it. An abort may have left a part of `prompt` unencoded. */
  whole(): EncodedPrompt;
}

/**
 * Encodes new messages of a chat, and before them what the cache lacks of the answer.
 * @param active the turn that was answered
 * @param history the chat so far, with that answer
 * @throws PromptError for more text than the context holds
 */
export async function encodeLaterTurn(
  active: ActiveTurn,
  history: readonly Message[],
  messages: readonly Message[],
  signal: AbortSignal | undefined,
): Promise<LaterPrompt> {
  const { turn, sequence } = active;
  const { stack } = turn.given;
  const { tokenizer } = stack;
  const { position, unread, rest, count } = answerInCache(active);
  const { nextPosition, nextRotaryPosition } = sequence.cache;
  const rotaryPosition = position + nextRotaryPosition - nextPosition;
  const text = textOfLaterTurn(history, messages, rest, tokenizer);
  const mayBeLonger = () => turn.answer.bounds?.renumbers === true;
  const reading = readingOf(stack, rotaryPosition, signal, mayBeLonger);
  const encoded = await encodeLong(text, tokenizer, reading);
  return {
    prompt: prependUnread(unread, encoded, tokenizer),
    position,
    rotaryPosition,
    answered: count,
    whole: () => prependUnread(unread, encodeText(text, tokenizer), tokenizer),
  };
}
