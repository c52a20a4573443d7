import type { EncodedPrompt, PromptSpan } from '@pliant/core';
import { codeFences } from '../text/code-fences.js';
import type { TextRange } from '../text/text-range.js';
import type { TokenCharacters } from '../tokens/characters.js';
import { countMarks } from '../tokens/marks.js';
import type { TokenRange } from '../tokens/token-range.js';

/** Parts that stay whole besides the window and messages marked `keep: 'always'`. */
export interface Structure {
  readonly keepRoles: readonly string[];
  readonly keepTemplate: boolean;
  readonly keepQuestion: boolean;
  readonly keepFences: boolean;
}

export interface MustStay {
  /** [n], 1 for tokens that stay whatever their score. */
  readonly required: Uint8Array;
  readonly count: number;
  /**
   * The reasons with numbers of tokens, for error messages. A token with several reasons counts for
   * the first.
   */
  readonly reasons: string;
}

/**
 * Marks the last `window` tokens of the prompt, the question if it stands elsewhere, and the parts
 * of the prompt's structure that must not be dropped.
 */
export function mustStay(
  prompt: EncodedPrompt,
  characters: TokenCharacters,
  window: number,
  structure: Structure,
  questions: readonly TokenRange[] = [],
): MustStay {
  const { spans } = prompt;
  const length = prompt.ids.length;
  const required = new Uint8Array(length);
  const counts = new Map<string, number>();
  const mark = (reason: string, from: number, to: number) => {
    for (let token = Math.max(from, 0); token < to; token++) {
      if (required[token]) continue;
      required[token] = 1;
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  };

  mark('of the window', length - window, length);
  for (const { from, to } of questions) mark('of the question', from, to);
  if (structure.keepTemplate && spans.length > 0)
    for (const [i, { from }] of [...spans, { from: length }].entries())
      mark('of the chat template', i === 0 ? 0 : spans[i - 1].to, from);
  const last = spans.findLast(({ role }) => role === 'user');
  for (const span of spans) {
    const { from, to, role, keep } = span;
    if (keep === 'always') mark("of messages marked keep: 'always'", from, to);
    if (structure.keepRoles.includes(role)) mark(`of messages with role '${role}'`, from, to);
    if (structure.keepQuestion && span === last) mark('of the last user message', from, to);
  }
  if (structure.keepFences) {
    const { start, end } = characters;
    let token = 0;
    for (const { from, to } of fencesOf(prompt, characters)) {
      while (token < length && end[token] <= from) token++;
      for (; token < length && start[token] < to; token++) mark('of code fences', token, token + 1);
    }
  }

  return {
    required,
    count: countMarks(required),
    reasons: [...counts].map(([reason, count]) => `${count} ${reason}`).join(', '),
  };
}

/** Searches each message, or the whole text if the prompt is not a chat. */
function fencesOf({ text, spans }: EncodedPrompt, characters: TokenCharacters): TextRange[] {
  const contents =
    spans.length > 0
      ? spans.map((span) => contentOf(span, characters))
      : [{ from: 0, to: text.length }];
  return contents.flatMap((content) =>
    codeFences(text.slice(content.from, content.to)).map(({ from, to }) => ({
      from: content.from + from,
      to: content.from + to,
    })),
  );
}

/** A token on the border may begin before the content. */
function contentOf({ from, to, message }: PromptSpan, { start, end }: TokenCharacters): TextRange {
  return message
    ? { from: message.textFrom, to: message.textTo }
    : { from: start[from], to: end[to - 1] };
}
