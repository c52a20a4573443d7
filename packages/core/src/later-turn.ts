import { guard } from './guard.js';
import type { EncodedPrompt, Tokenizer } from './tokenizer.js';
import type { ActiveTurn } from './turn.js';

/**
 * How much of the answer a later turn can stand on: the cache up to `position`, and tokens that must be read before the new turns.
 * After a stop string the cache goes back to the last token that lies whole within the text; `rest` is the text after it.
 * Where a middleware asks for it, the cache goes back to the end of the prompt and the whole answer is read again.
 */
export function answerInCache({ turn, sequence }: ActiveTurn): {
  readonly position: number;
  readonly unread: readonly number[];
  readonly rest: string;
} {
  const { tokens, tokenizer } = turn.state;
  const rereads = turn.installed.some(({ name, hooks }) =>
    guard(name, 'rereadAnswer', tokens.length, () => hooks.rereadAnswer?.()),
  );
  const nextPosition = rereads
    ? Math.min(turn.promptEnd, sequence.cache.nextPosition)
    : sequence.cache.nextPosition;
  if (turn.text.stopped) {
    const { count, rest } = tokensWithin(tokens, turn.text.text, tokenizer);
    const position = Math.min(nextPosition, turn.promptEnd + count);
    return { position, unread: tokens.slice(position - turn.promptEnd, count), rest };
  }
  // Rows beyond are those of a draft that an abort left behind.
  const position = Math.min(nextPosition, turn.promptEnd + tokens.length);
  return { position, unread: tokens.slice(position - turn.promptEnd), rest: '' };
}

/** The longest beginning of `tokens` whose text is a beginning of `text`, in whole characters. */
function tokensWithin(
  tokens: readonly number[],
  text: string,
  tokenizer: Tokenizer,
): { count: number; rest: string } {
  const bytes = Buffer.from(text);
  let count = 0;
  let from = 0;
  let offset = 0;
  tokens.forEach((token, index) => {
    offset += tokenizer.special.has(token) ? 0 : tokenizer.bytes(token).length;
    const isCharacterStart = offset === bytes.length || (bytes[offset] & 0xc0) !== 0x80;
    if (offset > bytes.length || !isCharacterStart) return;
    count = index + 1;
    from = offset;
  });
  return { count, rest: bytes.subarray(from).toString() };
}

/** `unread` before the prompt, but for an end of text that the prompt begins with: a template writes the end of a turn itself. */
export function prependUnread(
  unread: readonly number[],
  prompt: EncodedPrompt,
  endOfText: ReadonlySet<number>,
): EncodedPrompt {
  const last = unread.at(-1);
  const isWritten = last === prompt.ids[0] && (unread.length === 1 || endOfText.has(last));
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
    ids: before(unread, prompt.ids),
    text: prompt.text,
    byteStart: shift(prompt.byteStart),
    byteEnd: shift(prompt.byteEnd),
    spans: prompt.spans.map((span) => ({
      ...span,
      from: span.from + count,
      to: span.to + count,
    })),
  };
}
