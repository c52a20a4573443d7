import { type EncodedPrompt, PromptError } from '@pliant/core';
import type { ParsedSelection } from '../options/selection-options.js';
import { leadingQuestion, trailingQuestion } from '../text/questions.js';
import type { TextRange } from '../text/text-range.js';
import type { TokenCharacters } from '../tokens/characters.js';
import type { TokenRange } from '../tokens/token-range.js';

/** A question or a part of it. It stays whole, and its tokens' attention is the score. */
export interface Question extends TokenRange {
  /**
   * If false, it is put to the draft once more after the text, since tokens attend to earlier ones
   * only.
   */
  readonly isAtEnd: boolean;
}

/**
 * Finds the question at the beginning or end of the last user message, or all of a message that
 * fits into the window; or the question that was named.
 * @returns empty if none is found, or none is to be looked for: then the window asks
 * @throws PromptError for a named question that is not in the prompt
 */
export function findQuestions(
  { text, spans, ids }: EncodedPrompt,
  characters: TokenCharacters,
  { question, window }: Pick<ParsedSelection, 'question' | 'window'>,
): Question[] {
  const placed = (range: TextRange): Question => {
    const tokens = tokensOf(range, characters);
    return { ...tokens, isAtEnd: ids.length - tokens.to <= window };
  };
  if (question === 'last') return [];
  if (typeof question === 'object') {
    const from = text.lastIndexOf(question.text);
    if (from < 0)
      throw new PromptError(
        `question.text (${JSON.stringify(question.text.slice(0, 60))}) is not in the prompt; give it as it is written there, or leave question out`,
      );
    return [placed({ from, to: from + question.text.length })];
  }
  const span = spans.findLast(({ role }) => role === 'user');
  if (!span?.message) return [];
  const { textFrom: from, textTo: to } = span.message;
  if (!text.slice(from, to).trim()) return [];
  if (span.to - span.from <= window) return [placed({ from, to })];
  const content = text.slice(from, to);
  const leading = leadingQuestion(content);
  const trailing = trailingQuestion(content);
  // A document's end may look like a question, and so may its beginning, as headings do. After a
  // document, text counts as a question only if it begins a line.
  const isApart =
    leading === 0 ||
    /[\r\n]/.test(content.slice(content.slice(0, trailing).trimEnd().length, trailing));
  return [
    ...(leading > 0 ? [placed({ from, to: from + leading })] : []),
    ...(isApart && trailing < content.length ? [placed({ from: from + trailing, to })] : []),
  ];
}

/** The tokens that hold a character of the range. */
export function tokensOf({ from, to }: TextRange, { start, end }: TokenCharacters): TokenRange {
  const first = end.findIndex((offset) => offset > from);
  let last = first;
  while (last < start.length && start[last] < to) last++;
  return { from: first, to: last };
}
