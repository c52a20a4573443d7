import type { EncodedPrompt, PromptSpan } from '@pliant/core';
import type { TokenCharacters } from './characters.js';
import { codeFences } from './code-fences.js';
import type { TextRange } from './text-range.js';

/** What stays whole besides the window and messages marked `keep: 'always'`. */
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
  /** What they are, with numbers, for error messages; a token that stays for several reasons counts for the first. */
  readonly reasons: string;
}

/** The last `window` tokens of the prompt, and what is not to be dropped of its structure. */
export function mustStay(
  prompt: EncodedPrompt,
  characters: TokenCharacters,
  window: number,
  structure: Structure,
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
  if (structure.keepTemplate && spans.length > 0)
    for (const [i, { from }] of [...spans, { from: length }].entries())
      mark('of the chat template', i === 0 ? 0 : spans[i - 1].to, from);
  const question = spans.findLast(({ role }) => role === 'user');
  for (const span of spans) {
    const { from, to, role, keep } = span;
    if (keep === 'always') mark("of messages marked keep: 'always'", from, to);
    if (structure.keepRoles.includes(role)) mark(`of messages with role '${role}'`, from, to);
    if (structure.keepQuestion && span === question) mark('of the last user message', from, to);
  }
  if (structure.keepFences)
    for (const { from, to } of fencesOf(prompt, characters))
      for (let token = 0; token < length; token++)
        if (characters.start[token] < to && characters.end[token] > from)
          mark('of code fences', token, token + 1);

  return {
    required,
    count: countMarks(required),
    reasons: [...counts].map(([reason, count]) => `${count} ${reason}`).join(', '),
  };
}

export function countMarks(marks: Uint8Array): number {
  let count = 0;
  for (const mark of marks) count += mark;
  return count;
}

/** In each message, or in the whole text where the prompt is not a chat. */
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
