import { type FillOptions, fillPrompt } from './fill-prompt.js';
import { splitSentences } from './split-sentences.js';

export interface HiddenSentence {
  readonly sentence: string;
  /** Share of the text's sentences before it, 0 to 1. */
  readonly depth: number;
}

export interface HideOptions extends Pick<FillOptions, 'tokenizer' | 'tokens'> {
  readonly haystack: string;
  /** Place in the first half of the haystack at which the text begins, 0 to 1. */
  readonly start: number;
  readonly hidden: readonly HiddenSentence[];
  /** The prompt around the text. */
  readonly render: (text: string) => string;
}

/**
 * A prompt around a part of `haystack`, as long as fits, with sentences hidden between those of the
 * text.
 * @throws RangeError when `tokens` is too short for the question, or `haystack` too short for
 * `tokens`
 */
export function hideSentences(options: HideOptions): string {
  const { haystack, start, hidden, render } = options;
  const words = wordsFrom(haystack, start);
  return fillPrompt({
    ...options,
    units: words.length,
    render: (count) => render(hide(words.slice(0, count).join(' '), hidden)),
  });
}

/** The words of `text` from a sentence of its first half on; `start` is 0 to 1. */
export function wordsFrom(text: string, start: number): string[] {
  const sentences = splitSentences(text);
  const first = Math.floor((start * sentences.length) / 2);
  return sentences.slice(first).join(' ').split(' ');
}

export function hide(text: string, hidden: readonly HiddenSentence[]): string {
  const sentences = splitSentences(text);
  const places = hidden.map(({ sentence, depth }) => ({
    sentence,
    at: Math.floor(depth * sentences.length),
  }));
  // From the back, so that the places before stay where they are.
  for (const { sentence, at } of places.sort((a, b) => b.at - a.at))
    sentences.splice(at, 0, sentence);
  return sentences.join(' ');
}

/** Depths between 0.1 and 0.9, one in each of `count` equal parts, ascending. */
export function spreadDepths(count: number, random: () => number): number[] {
  return Array.from({ length: count }, (_, i) => 0.1 + (0.8 * (i + random())) / count);
}
