import { type EncodedPrompt, PromptError } from '@pliant/core';
import type { TokenCharacters } from './characters.js';
import type { ParsedSelection } from './selection-options.js';
import { endsWithQuestion, leadingQuestion } from './text/leading-question.js';
import type { TextRange } from './text-range.js';
import type { TokenRange } from './token-range.js';

/** A question that does not stand at the end of the prompt. */
export interface Question extends TokenRange {
  /** Whether something is asked at the end, too: then the window counts beside the question. */
  readonly isAskedAtEnd: boolean;
}

/**
 * The question before the text that it is about, or the one that was named.
 * @returns undefined where what is asked stands at the end, in the window
 * @throws PromptError for a named question that is not in the prompt
 */
export function findQuestion(
  { text, spans }: EncodedPrompt,
  characters: TokenCharacters,
  question: ParsedSelection['question'],
): Question | undefined {
  if (question === 'last') return undefined;
  const message = spans.findLast(({ role }) => role === 'user')?.message;
  const content = message && text.slice(message.textFrom, message.textTo);
  const isAskedAtEnd = content !== undefined && endsWithQuestion(content);
  if (typeof question === 'object') {
    const from = text.lastIndexOf(question.text);
    if (from < 0)
      throw new PromptError(
        `question.text (${JSON.stringify(question.text.slice(0, 60))}) does not stand in the prompt; give it as it is written there, or leave question out`,
      );
    return {
      ...tokensOf({ from, to: from + question.text.length }, characters),
      isAskedAtEnd: false,
    };
  }
  const length = content === undefined ? 0 : leadingQuestion(content);
  if (length === 0) return undefined;
  const range = { from: message!.textFrom, to: message!.textFrom + length };
  return { ...tokensOf(range, characters), isAskedAtEnd };
}

/** Those that hold a character of the range. */
export function tokensOf({ from, to }: TextRange, { start, end }: TokenCharacters): TokenRange {
  const first = end.findIndex((offset) => offset > from);
  let last = first;
  while (last < start.length && start[last] < to) last++;
  return { from: first, to: last };
}
