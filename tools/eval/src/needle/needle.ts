import { randomStream, type Tokenizer } from '@pliant/core';
import { hideSentences } from '../prompts/hide-sentences.js';
import { renderQuestion } from '../prompts/render-question.js';

/** A prompt with a number hidden in a long text, and the number. */
export interface Needle {
  /** In the chat format, ending inside the assistant's answer, just before the number. */
  readonly text: string;
  /** Five digits. */
  readonly answer: string;
  /** The sentence that holds the number, as it stands in `text`. */
  readonly sentence: string;
  /** Share of the text's sentences that stand before the sentence. */
  readonly depth: number;
}

export interface NeedleOptions {
  /** The same seed and length give the same needle. */
  readonly seed: number;
  /** Length of the whole prompt: at most this many tokens, short of it by at most one word. */
  readonly tokens: number;
  /** The text to hide it in; long enough to be cut. */
  readonly haystack: string;
  readonly tokenizer: Tokenizer;
}

const things = ['stone-bridge', 'red-lantern', 'north-tower', 'glass-garden', 'old-harbour'];

/**
 * A needle prompt, worded as in RULER's single-needle task (Hsieh et al. 2024, arXiv:2404.06654): a
 * five-digit number for some thing, in a sentence of its own between two sentences of a text that
 * begins at a seeded sentence of `haystack`, at a seeded depth between 0.1 and 0.9.
 * @throws RangeError when `tokens` is too short for the question, or `haystack` too short for
 * `tokens`
 */
export function makeNeedle({ seed, tokens, haystack, tokenizer }: NeedleOptions): Needle {
  const random = randomStream(seed, 'needle');
  const answer = String(10000 + Math.floor(random() * 90000));
  const thing = things[Math.floor(random() * things.length)];
  const depth = 0.1 + 0.8 * random();
  const sentence = `The special magic number for ${thing} is: ${answer}.`;
  const asked = `special magic number for ${thing} mentioned in the provided text`;
  const text = hideSentences({
    tokenizer,
    tokens,
    haystack,
    start: random(),
    hidden: [{ sentence, depth }],
    render: (text) =>
      renderQuestion(
        tokenizer,
        `A special magic number is hidden within the following text. Make sure to memorize it. I will quiz you about the number afterwards.
${text}
What is the ${asked}?`,
        `The ${asked} is`,
      ),
  });
  return { text, answer, sentence, depth };
}

/** Whether the first number in the model's text is the answer, to the digit. */
export function isRight(text: string, { answer }: Pick<Needle, 'answer'>): boolean {
  return firstNumber(text) === answer;
}

/** Leading digits of the answer that the first number in the text has right. */
export function rightDigits(text: string, { answer }: Pick<Needle, 'answer'>): number {
  const found = firstNumber(text);
  let digits = 0;
  while (digits < answer.length && found[digits] === answer[digits]) digits++;
  return digits;
}

const firstNumber = (text: string) => /\d+/.exec(text)?.[0] ?? '';
