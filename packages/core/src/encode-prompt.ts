import { PromptError } from './errors.js';
import type { EncodedPrompt, Message, Prompt, PromptSpan, Tokenizer } from './tokenizer.js';

/**
 * The prompt's ids with their byte ranges, and a span for each message's content.
 * @throws PromptError for an empty prompt, an id outside of the vocabulary, or a message with `keep: 'always'` that the chat template changes
 */
export function encodePrompt(prompt: Prompt, tokenizer: Tokenizer): EncodedPrompt {
  if ('ids' in prompt) {
    const ids = Int32Array.from(prompt.ids);
    checkIds(ids, tokenizer.vocabularySize);
    // Not decode(): it leaves control tokens out, and offsets count them.
    const text = Buffer.concat(Array.from(ids, (id) => tokenizer.bytes(id))).toString();
    return locate(ids, text, tokenizer, () => []);
  }
  if ('text' in prompt) return encodeText(prompt.text, tokenizer);
  if (prompt.messages.length === 0) throw new PromptError('the prompt has no messages');
  const text = tokenizer.renderChat(prompt.messages);
  return encodeText(text, tokenizer, (start, end) =>
    messageSpans(prompt.messages, text, tokenizer, start, end),
  );
}

type FindSpans = (byteStart: Int32Array, byteEnd: Int32Array) => PromptSpan[];

export function encodeText(text: string, tokenizer: Tokenizer, spans?: FindSpans): EncodedPrompt {
  const ids = tokenizer.encode(text);
  return locate(
    ids,
    text,
    tokenizer,
    spans ?? (() => [{ from: 0, to: ids.length, role: 'text', keep: 'may-drop' }]),
  );
}

function checkIds(ids: Int32Array, vocabularySize: number): void {
  const wrong = ids.findIndex((id) => id < 0 || id >= vocabularySize);
  if (wrong >= 0)
    throw new PromptError(
      `the prompt's id ${ids[wrong]} at index ${wrong} is outside of the vocabulary (0 to ${vocabularySize - 1})`,
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

/** Where the content of each message stands in the rendered text; a token that reaches into it belongs to it. */
function messageSpans(
  messages: readonly Message[],
  text: string,
  tokenizer: Tokenizer,
  byteStart: Int32Array,
  byteEnd: Int32Array,
): PromptSpan[] {
  const spans: PromptSpan[] = [];
  let cursor = 0;
  let cursorBytes = 0;
  let token = 0;
  messages.forEach(({ role, content, keep = 'may-drop' }, index) => {
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
    const from = cursorBytes + Buffer.byteLength(text.slice(cursor, at));
    const to = from + Buffer.byteLength(trimmed);
    while (byteEnd[token] <= from) token++;
    const first = token;
    while (token < byteStart.length && byteStart[token] < to) token++;
    spans.push({ from: first, to: token, role, keep });
    cursor = at + trimmed.length;
    cursorBytes = to;
  });
  return spans;
}
