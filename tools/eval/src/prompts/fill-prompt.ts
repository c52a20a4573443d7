import type { Tokenizer } from '@pliant/core';

export interface FillOptions {
  readonly tokenizer: Tokenizer;
  /** Length of the whole prompt, at most. */
  readonly tokens: number;
  /** Units there are: words, entries of a list. */
  readonly units: number;
  /** The prompt with the first `count` of them; the more, the longer. */
  readonly render: (count: number) => string;
}

/**
 * The longest prompt that fits.
 * @throws RangeError when not one unit fits, or all do: then there may be too few of them
 */
export function fillPrompt({ tokenizer, tokens, units, render }: FillOptions): string {
  const lengthOf = (count: number) => tokenizer.encode(render(count)).length;
  let fitting = 1;
  let length = lengthOf(1);
  if (length > tokens) throw new RangeError(`${tokens} tokens are too few for this prompt`);
  let tooMany = units + 1;
  let perUnit = 1;
  while (tooMany - fitting > 1) {
    // Straight for the end by the length of the units so far: encoding is what takes the time.
    const step = Math.round((tokens - length) / perUnit);
    const guess = fitting + Math.min(Math.max(1, step), tooMany - fitting - 1);
    const guessed = lengthOf(guess);
    perUnit = Math.max(0.1, (guessed - length) / (guess - fitting));
    if (guessed > tokens) tooMany = guess;
    else {
      fitting = guess;
      length = guessed;
    }
  }
  if (fitting === units)
    throw new RangeError(`the text is too short for a prompt of ${tokens} tokens`);
  return render(fitting);
}
