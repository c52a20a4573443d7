import type { EncodedPrompt, Tokenizer } from '../contract/tokenizer.js';
import { guard } from './guard.js';
import { isSilent } from './text/text-stream.js';
import type { ActiveTurn } from './turn.js';

/** The part of the chat that a later turn goes on from. */
export interface AnswerInCache {
  /** The cache up to there stays. */
  readonly position: number;
  /** Tokens of the chat that must be read before the new turns. */
  readonly unread: readonly number[];
  /** The end of the answer's text that neither holds: it is read with the new turns. */
  readonly rest: string;
  /** Tokens of the answer that are part of the chat. */
  readonly count: number;
}

/**
 * Finds how much of the answer a later turn can go on from. The cache goes back to the last token
 * that lies whole within the answer's text: tokens after a stop string, or of a character that
 * never ended, are not part of the chat. If a middleware asks for it, the cache goes back to the
 * end of the prompt and the whole answer is read again. If an abort left a part of the prompt
 * unread, that part is read first.
 */
export function answerInCache({ turn, sequence }: ActiveTurn): AnswerInCache {
  const { tokens, kept, promptEnd, text } = turn.answer;
  const { stack, position: begin } = turn.given;
  const rereads = turn.live.installed.some(({ name, hooks }) =>
    guard(name, 'rereadAnswer', tokens.length, () => hooks.rereadAnswer?.()),
  );
  const { count, rest } = tokensWithin(tokens, text.text, stack.tokenizer);
  // Rows beyond are a draft's that an abort left there.
  const end = rereads ? promptEnd : promptEnd + count;
  const position = Math.min(sequence.cache.nextPosition, end);
  const unread = [
    ...kept.ids.subarray(position - begin),
    ...tokens.slice(Math.max(0, position - promptEnd), count),
  ];
  return { position, unread, rest, count };
}

/**
 * The longest beginning of `tokens` whose text is a beginning of `text`, in whole characters, and
 * the text after it.
 */
function tokensWithin(
  tokens: readonly number[],
  text: string,
  tokenizer: Tokenizer,
): { count: number; rest: string } {
  const options = { ignoreBOM: true };
  let count = 0;
  let from = 0;
  /** Bytes since the last end of a character that is also the end of a token. */
  let bytes: Uint8Array = new Uint8Array();
  for (const [index, token] of tokens.entries()) {
    if (!isSilent(tokenizer, token)) bytes = Buffer.concat([bytes, tokenizer.bytes(token)]);
    const whole = new TextDecoder('utf-8', options).decode(bytes);
    // A character that has only begun is not decoded while more may come.
    const given = new TextDecoder('utf-8', options).decode(bytes, { stream: true });
    if (from + given.length > text.length) break;
    if (given.length < whole.length) continue;
    count = index + 1;
    from += whole.length;
    bytes = new Uint8Array();
  }
  return { count, rest: text.slice(from) };
}

/**
 * `unread` before the prompt, but for a control token that the prompt begins with: a template
 * writes the end of a turn itself.
 */
export function prependUnread(
  unread: readonly number[],
  prompt: EncodedPrompt,
  { special, endOfText }: Pick<Tokenizer, 'special' | 'endOfText'>,
): EncodedPrompt {
  const last = unread.at(-1);
  const isWritten =
    last !== undefined && last === prompt.ids[0] && (special.has(last) || endOfText.has(last));
  const count = isWritten ? unread.length - 1 : unread.length;
  if (count === 0) return prompt;
  const before = (values: readonly number[], rest: Int32Array) => {
    const joined = new Int32Array(count + rest.length);
    joined.set(values.slice(0, count));
    joined.set(rest, count);
    return joined;
  };
  const shift = (offsets: Int32Array) => before([], offsets);
  return {
    ...prompt,
    ids: before(unread, prompt.ids),
    byteStart: shift(prompt.byteStart),
    byteEnd: shift(prompt.byteEnd),
    spans: prompt.spans.map((span) => ({
      ...span,
      from: span.from + count,
      to: span.to + count,
    })),
  };
}
