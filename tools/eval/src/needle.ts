import { randomStream, type Tokenizer } from '@pliant/core';

/** A prompt with a number hidden in a long text, and the number. */
export interface Needle {
  /** In the chat format, ending inside of the assistant's answer, just before the number. */
  readonly text: string;
  /** Five digits. */
  readonly answer: string;
  /** The sentence that holds the number, as it stands in `text`. */
  readonly sentence: string;
  /** Where the sentence stands: share of the text's sentences before it. */
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
 * A needle prompt, worded as in RULER's single-needle task (Hsieh et al. 2024, arXiv:2404.06654): a five-digit number for some thing, in a sentence
 * of its own between two sentences of a text that begins at a seeded sentence of `haystack`, at a seeded depth between 0.1 and 0.9.
 * @throws RangeError when `tokens` is too short for the question, or `haystack` too short for `tokens`
 */
export function makeNeedle({ seed, tokens, haystack, tokenizer }: NeedleOptions): Needle {
  const random = randomStream(seed, 'needle');
  const answer = String(10000 + Math.floor(random() * 90000));
  const thing = things[Math.floor(random() * things.length)];
  const depth = 0.1 + 0.8 * random();
  const sentences = splitSentences(haystack);
  const first = Math.floor((random() * sentences.length) / 2);
  const words = sentences.slice(first).join(' ').split(' ');
  const sentence = `The special magic number for ${thing} is: ${answer}.`;

  const render = (count: number) => {
    const text = hide(sentence, words.slice(0, count).join(' '), depth);
    return renderQuestion(tokenizer, text, thing);
  };
  const count = largest(words.length, (n) => tokenizer.encode(render(n)).length <= tokens);
  if (count < 1) throw new RangeError(`${tokens} tokens are too few for a needle prompt`);
  if (count === words.length)
    throw new RangeError(`the text is too short for a prompt of ${tokens} tokens`);
  return { text: render(count), answer, sentence, depth };
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

/** Sentences on one line each, by punctuation: good enough to find a place between two of them. */
export function splitSentences(text: string): string[] {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .split(/(?<=[.!?]['"]?) (?=[A-Z'"`])/);
}

function hide(sentence: string, text: string, depth: number): string {
  const sentences = splitSentences(text);
  sentences.splice(Math.floor(depth * sentences.length), 0, sentence);
  return sentences.join(' ');
}

function renderQuestion(tokenizer: Tokenizer, text: string, thing: string): string {
  const content = `A special magic number is hidden within the following text. Make sure to memorize it. I will quiz you about the number afterwards.
${text}
What is the special magic number for ${thing} mentioned in the provided text?`;
  const begun = `The special magic number for ${thing} mentioned in the provided text is`;
  return tokenizer.renderChat(
    [
      { role: 'user', content },
      { role: 'assistant', content: begun },
    ],
    { continueLast: true },
  );
}

/** The largest n of 0 to `limit` that fits, where every smaller one fits too. */
function largest(limit: number, fits: (n: number) => boolean): number {
  let low = 0;
  let high = limit + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low === 0 && !fits(0) ? -1 : low;
}
