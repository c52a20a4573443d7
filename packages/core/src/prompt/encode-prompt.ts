import { z } from 'zod/v4';
import { tokenizerSchema } from '../checks/argument-schemas.js';
import { parseArguments } from '../checks/parse-options.js';
import { PromptError } from '../contract/errors.js';
import type {
  EncodedPrompt,
  Message,
  Prompt,
  ReadingOptions,
  TextSection,
  Tokenizer,
} from '../contract/tokenizer.js';
import { type CheckedPrompt, checkPrompt } from './check-prompt.js';
import { locateContents } from './locate-contents.js';
import { type MarkedSection, spansOf } from './prompt-spans.js';
import { spellTokens } from './spelled-tokens.js';
import { tokenize } from './tokenize.js';

const tokenizerArguments = z.strictObject({ tokenizer: tokenizerSchema });

/** The text of a prompt that is still to be encoded. */
export interface PromptText {
  readonly text: string;
  readonly options: ReadingOptions;
  /** Spans of messages, or one of the whole text. Ascending. */
  readonly sections: readonly MarkedSection[];
}

/**
 * The prompt's ids with their byte ranges, and a span for each message's content.
 * @throws InvalidArgumentError for a tokenizer that is not one; PromptError for a prompt that is
 * not one (naming the message and field, or the id), that is empty, or that has a message with
 * `keep: 'always'` which the chat template changes
 */
export function encodePrompt(prompt: Prompt, tokenizer: Tokenizer): EncodedPrompt {
  parseArguments('encodePrompt', tokenizerArguments, { tokenizer });
  return encodeChecked(checkPrompt(prompt, tokenizer.vocabularySize), tokenizer);
}

/** `encodePrompt` of what was checked. */
export function encodeChecked(prompt: CheckedPrompt, tokenizer: Tokenizer): EncodedPrompt {
  return 'ids' in prompt
    ? promptOfIds(prompt.ids, tokenizer)
    : encodeText(textOfPrompt(prompt, tokenizer), tokenizer);
}

/** The text of a prompt that was not given as ids. */
export function textOfPrompt(
  prompt: Exclude<CheckedPrompt, { readonly ids: Int32Array }>,
  tokenizer: Tokenizer,
): PromptText {
  if ('text' in prompt) {
    const { text, bos } = prompt;
    const section = { from: 0, to: text.length, role: 'text', keep: 'may-drop' } as const;
    return { text, options: { bos }, sections: [section] };
  }
  const { messages } = prompt;
  return textOfChat(messages, 0, tokenizer, (given) => tokenizer.renderChat(given));
}

/** The beginning of a chat, up to the end of its last message, which is left open. */
export function textOfPrefix(messages: readonly Message[], tokenizer: Tokenizer): PromptText {
  return textOfChat(messages, 0, tokenizer, (given) =>
    tokenizer.renderChat(given, { continueLast: true }),
  );
}

/**
 * The text that a chat adds after `history`. The cache holds the last message of `history` except
 * `rest`, the end of its content.
 * @throws PromptError if the chat template rewrites earlier turns
 */
export function textOfLaterTurn(
  history: readonly Message[],
  messages: readonly Message[],
  rest: string,
  tokenizer: Tokenizer,
): PromptText {
  const all = [...history, ...messages];
  const whole = textOfChat(all, history.length, tokenizer, (given) => tokenizer.renderChat(given));
  const read = tokenizer.renderChat(history, { continueLast: true });
  // A template may trim an answer that ended in blanks; those are in the cache, or in the rest of
  // it, which is trimmed too.
  const kept = whole.text.startsWith(read) ? read : read.trimEnd();
  if (!whole.text.startsWith(kept) || !read.endsWith(rest))
    throw new PromptError(
      'the chat template rewrites earlier turns, so they cannot be kept; start a new generation with the whole chat',
    );
  const left = Math.max(0, rest.length - (read.length - kept.length));
  const begin = kept.length - left;
  const shifted = <Section extends TextSection>(sections: readonly Section[]) =>
    sections
      .filter(({ to }) => to > begin)
      .map((section) => ({
        ...section,
        from: Math.max(0, section.from - begin),
        to: section.to - begin,
      }));
  const answer = left === 0 ? [] : [{ from: 0, to: left }];
  const literal = [...answer, ...shifted(whole.options.literal ?? [])];
  return {
    text: whole.text.slice(begin),
    options: { literal, continues: true },
    sections: shifted(whole.sections),
  };
}

function textOfChat(
  messages: readonly Message[],
  skip: number,
  tokenizer: Tokenizer,
  render: (messages: readonly Message[]) => string,
): PromptText {
  const text = render(messages);
  const { contents, literal } = locateContents(messages, text, skip, tokenizer, render);
  const sections = messages.flatMap((message, index): MarkedSection[] => {
    if (index < skip) return [];
    const { role, content, keep = 'may-drop' } = message;
    const section = contents[index];
    if (section) {
      const contentFrom = content.length - content.trimStart().length;
      return [{ ...section, role, keep, message: { index, contentFrom } }];
    }
    if (keep === 'always' && content.trim())
      throw new PromptError(
        `the chat template changes the text of a '${role}' message marked keep: 'always' (messages[${index}]), so it cannot be found in the prompt; unmark it, or give the prompt as text`,
      );
    return [];
  });
  return { text, options: { literal }, sections: ascending(sections) };
}

/** In the order of the text; of two that overlap the first. */
function ascending(sections: readonly MarkedSection[]): MarkedSection[] {
  let end = 0;
  return [...sections]
    .sort((a, b) => a.from - b.from)
    .filter(({ from, to }) => {
      if (from < end) return false;
      end = to;
      return true;
    });
}

/** @throws PromptError if there are no tokens */
export function encodeText({ text, options, sections }: PromptText, tokenizer: Tokenizer) {
  return spansOf(text, tokenize(text, tokenizer, options), sections, tokenizer);
}

function promptOfIds(ids: Int32Array, tokenizer: Tokenizer): EncodedPrompt {
  if (ids.length === 0) throw new PromptError('the prompt is empty');
  const { bytes, byteStart, byteEnd } = spellTokens(ids, tokenizer);
  return { ids, text: bytes.toString(), byteStart, byteEnd, spans: [] };
}
