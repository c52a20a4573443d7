import { randomStream } from '@pliant/core';
import { readText } from '@pliant/fixtures';
import { drawDistinct, drawNumbers } from '../prompts/draw.js';
import { hideSentences, spreadDepths } from '../prompts/hide-sentences.js';
import { renderQuestion } from '../prompts/render-question.js';
import type { Task } from './task.js';

export interface NeedlesOptions {
  readonly name: string;
  /** Things that numbers are hidden for. */
  readonly keys: number;
  /** Numbers of each thing. */
  readonly values: number;
  /** Things asked for. */
  readonly queries: number;
  readonly digits: number;
  readonly maxNewTokens: number;
}

const qualities = ['stone', 'red', 'north', 'glass', 'old', 'silver', 'winter', 'quiet'];
const places = ['bridge', 'lantern', 'tower', 'garden', 'harbour', 'window', 'mill', 'road'];
const things = qualities.flatMap((quality) => places.map((place) => `${quality}-${place}`));

/**
 * Numbers for things, each in a sentence of its own in a part of Alice in Wonderland, spread over
 * it in seeded order; worded as RULER's needles (Hsieh et al. 2024, arXiv:2404.06654).
 */
export function needles(options: NeedlesOptions): Task {
  const { name, keys, values, queries, digits, maxNewTokens } = options;
  return {
    name,
    make({ seed, tokens, tokenizer }) {
      const random = randomStream(seed, name);
      const known = drawDistinct(things, keys, random);
      const numbers = drawNumbers(keys * values, digits, random);
      const asked = drawDistinct(known, queries, random);
      const depths = spreadDepths(numbers.length, random);
      const hidden = drawDistinct(numbers, numbers.length, random).map((number, i) => ({
        sentence: `One of the special magic numbers for ${known[numbers.indexOf(number) % keys]} is: ${number}.`,
        depth: depths[i],
      }));
      const several = queries * values > 1;
      const subject = `special magic number${several ? 's' : ''} for ${list(asked)} mentioned in the provided text`;
      const question = several ? `What are all the ${subject}?` : `What is the ${subject}?`;
      const render = (text: string) =>
        renderQuestion(
          tokenizer,
          `Some special magic numbers are hidden within the following text. Make sure to memorize them. I will quiz you about the numbers afterwards.
${text}
${question}`,
          `The ${subject} ${several ? 'are' : 'is'}`,
        );
      return {
        text: hideSentences({
          tokenizer,
          tokens,
          haystack: readText('texts/alice29.txt'),
          start: random(),
          hidden,
          render,
        }),
        answers: numbers.filter((_, i) => asked.includes(known[i % keys])),
        maxNewTokens,
      };
    },
  };
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names[0] : `${names.slice(0, -1).join(', ')}, and ${names.at(-1)}`;
}
