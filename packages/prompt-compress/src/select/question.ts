import { type EncodedPrompt, PromptError } from '@pliant/core';
import type { ParsedSelection } from '../options/selection-options.js';
import { leadingQuestion, trailingQuestion } from '../text/questions.js';
import type { TextRange } from '../text/text-range.js';
import type { TokenCharacters } from '../tokens/characters.js';
import type { TokenRange } from '../tokens/token-range.js';

/** What is asked, or a part of it. It stays whole, and its tokens' attention is the score. */
export interface Question extends TokenRange {
  /** Otherwise it is put to the draft once more after the text, since tokens attend to earlier ones only. */
  readonly isAtEnd: boolean;
}

/**
 * What the last user message begins with, ends with, or is as a whole where it fits into the window; or the question that was named.
 * @returns empty where none is found, or none is to be looked for: then the window asks
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
        `question.text (${JSON.stringify(question.text.slice(0, 60))}) does not stand in the prompt; give it as it is written there, or leave question out`,
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
  // What a document ends with may look like a question, and what it begins with, as headings do. After that it is taken for one only where it begins a line.
  const isApart =
    leading === 0 ||
    /[\r\n]/.test(content.slice(content.slice(0, trailing).trimEnd().length, trailing));
  return [
    ...(leading > 0 ? [placed({ from, to: from + leading })] : []),
    ...(isApart && trailing < content.length ? [placed({ from: from + trailing, to })] : []),
  ];
}

/** Those that hold a character of the range. */
export function tokensOf({ from, to }: TextRange, { start, end }: TokenCharacters): TokenRange {
  const first = end.findIndex((offset) => offset > from);
  let last = first;
  while (last < start.length && start[last] < to) last++;
  return { from: first, to: last };
}
