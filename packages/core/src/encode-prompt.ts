import { PromptError } from './errors.js';
import type { EncodedPrompt, Message, Prompt, PromptSpan, Tokenizer } from './tokenizer.js';

/**
 * The prompt's ids with their byte ranges, and a span for each message's content.
 * @throws PromptError for an empty prompt, an id outside of the vocabulary, or a message with `keep: 'always'` that the chat template changes
 */
export function encodePrompt(prompt: Prompt, tokenizer: Tokenizer): EncodedPrompt {
  if (typeof prompt !== 'object' || prompt === null)
    throw new PromptError('give the prompt as { text }, { messages } or { ids }');
  if ('ids' in prompt) {
    checkIds(prompt.ids, tokenizer.vocabularySize);
    const ids = Int32Array.from(prompt.ids);
    // Not decode(): it leaves control tokens out, and offsets count them.
    const text = Buffer.concat(Array.from(ids, (id) => tokenizer.bytes(id))).toString();
    return locate(ids, text, tokenizer, () => []);
  }
  if ('text' in prompt)
    return locate(tokenizer.encode(prompt.text), prompt.text, tokenizer, ({ length }) => [
      { from: 0, to: length, role: 'text', keep: 'may-drop' },
    ]);
  if (prompt.messages.length === 0) throw new PromptError('the prompt has no messages');
  const text = tokenizer.renderChat(prompt.messages);
  return locate(tokenizer.encode(text), text, tokenizer, (start, end) =>
    messageSpans({ messages: prompt.messages, text, skip: 0, begin: 0 }, tokenizer, start, end),
  );
}

/** The beginning of a chat, up to the end of its last message, which is left open. Errors as `encodePrompt`. */
export function encodePrefix(messages: readonly Message[], tokenizer: Tokenizer): EncodedPrompt {
  if (messages.length === 0) throw new PromptError('the prompt has no messages');
  const text = tokenizer.renderChat(messages, { continueLast: true });
  return locate(tokenizer.encode(text), text, tokenizer, (start, end) =>
    messageSpans({ messages, text, skip: 0, begin: 0 }, tokenizer, start, end),
  );
}

/**
 * What a chat adds after `history`, whose last message the cache holds but for `rest`, the end of its content.
 * @throws PromptError where the chat template rewrites earlier turns
 */
export function encodeLaterTurn(
  history: readonly Message[],
  messages: readonly Message[],
  rest: string,
  tokenizer: Tokenizer,
): EncodedPrompt {
  const read = tokenizer.renderChat(history, { continueLast: true });
  const all = [...history, ...messages];
  const text = tokenizer.renderChat(all);
  if (!text.startsWith(read) || !read.endsWith(rest))
    throw new PromptError(
      'the chat template rewrites earlier turns, so they cannot be kept; start a new generation with the whole chat',
    );
  const begin = read.length - rest.length;
  const added = text.slice(begin);
  const base = Buffer.byteLength(text.slice(0, begin));
  return locate(tokenizer.encode(added), added, tokenizer, (start, end) =>
    messageSpans(
      { messages: all, text, skip: history.length, begin },
      tokenizer,
      start.map((offset) => offset + base),
      end.map((offset) => offset + base),
    ),
  );
}

type FindSpans = (byteStart: Int32Array, byteEnd: Int32Array) => PromptSpan[];

function checkIds(ids: ArrayLike<number>, vocabularySize: number): void {
  for (let i = 0; i < ids.length; i++)
    if (!Number.isInteger(ids[i]) || ids[i] < 0 || ids[i] >= vocabularySize)
      throw new PromptError(
        `the prompt's id ${ids[i]} at index ${i} is outside of the vocabulary (0 to ${vocabularySize - 1})`,
      );
}

function locate(
  ids: Int32Array,
  text: string,
  tokenizer: Tokenizer,
  spans: FindSpans,
): EncodedPrompt {
  if (ids.length === 0) throw new PromptError('the prompt is empty');
  const byteStart = new Int32Array(ids.length);
  const byteEnd = new Int32Array(ids.length);
  let offset = 0;
  for (let i = 0; i < ids.length; i++) {
    byteStart[i] = offset;
    offset += tokenizer.bytes(ids[i]).length;
    byteEnd[i] = offset;
  }
  return { ids, text, byteStart, byteEnd, spans: spans(byteStart, byteEnd) };
}

interface RenderedChat {
  readonly messages: readonly Message[];
  readonly text: string;
  readonly skip: number;
  readonly begin: number;
}

/**
 * Where the content of each message after the first `skip` stands in the rendered text, of which the prompt is what follows `begin`; a token
 * that reaches into it belongs to it.
 */
function messageSpans(
  { messages, text, skip, begin }: RenderedChat,
  tokenizer: Tokenizer,
  byteStart: Int32Array,
  byteEnd: Int32Array,
): PromptSpan[] {
  const spans: PromptSpan[] = [];
  let cursor = 0;
  let token = 0;
  messages.forEach(({ role, content, keep = 'may-drop' }, index) => {
    if (index < skip) return;
    const trimmed = content.trim();
    // A chat that is cut off inside of a message ends with its content: a role of the same text cannot be taken for it.
    const upTo = tokenizer.renderChat(messages.slice(0, index + 1), { continueLast: true });
    const at = trimmed && text.startsWith(upTo) ? upTo.lastIndexOf(trimmed) : -1;
    if (at < cursor) {
      if (keep === 'always' && trimmed)
        throw new PromptError(
          `the chat template changes the text of a '${role}' message marked keep: 'always', so it cannot be found in the prompt; unmark it, or give the prompt as text`,
        );
      return;
    }
    const from = Buffer.byteLength(text.slice(0, at));
    const to = from + Buffer.byteLength(trimmed);
    while (byteEnd[token] <= from) token++;
    const first = token;
    while (token < byteStart.length && byteStart[token] < to) token++;
    const message = {
      index,
      textFrom: at - begin,
      textTo: at - begin + trimmed.length,
      contentFrom: content.length - content.trimStart().length,
    };
    spans.push({ from: first, to: token, role, keep, message });
    cursor = at + trimmed.length;
  });
  return spans;
}
