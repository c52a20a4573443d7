import { randomStream } from '@pliant/core';
import { readText } from '@pliant/fixtures';
import { drawDistinct, drawNumbers } from '../prompts/draw.js';
import { hideSentences, spreadDepths } from '../prompts/hide-sentences.js';
import { renderQuestion } from '../prompts/render-question.js';
import type { Task } from './task.js';

const names = ['QAB', 'WEX', 'RUD', 'TOV', 'YIK', 'PAZ', 'SUL', 'DOF', 'GEM', 'HIB', 'JAX', 'KOR'];

/**
 * A chain of two assignments hidden in a part of Alice in Wonderland: which variables have the
 * value? Worded as RULER's variable tracking (Hsieh et al. 2024, arXiv:2404.06654), its example
 * before the text included, with one hop instead of four.
 */
export const variableTracking: Task = {
  name: 'variable-tracking',
  make({ seed, tokens, tokenizer }) {
    const random = randomStream(seed, 'variable-tracking');
    const [first, second] = drawDistinct(names, 2, random);
    const [value] = drawNumbers(1, 5, random);
    const depths = spreadDepths(2, random);
    const render = (text: string) =>
      renderQuestion(
        tokenizer,
        `Memorize and track the chain of variable assignments hidden in the following text.

Example: VAR FAH = 40321. VAR MUP = VAR FAH. Question: Find all variables that are assigned the value 40321. Answer: 2 variables are assigned the value 40321, they are: FAH MUP

${text}
Question: Find all variables that are assigned the value ${value} in the text above.`,
        `2 variables are assigned the value ${value}, they are:`,
      );
    return {
      text: hideSentences({
        tokenizer,
        tokens,
        haystack: readText('texts/alice29.txt'),
        start: random(),
        hidden: [
          { sentence: `VAR ${first} = ${value}.`, depth: depths[0] },
          { sentence: `VAR ${second} = VAR ${first}.`, depth: depths[1] },
        ],
        render,
      }),
      answers: [first, second],
      maxNewTokens: 16,
    };
  },
};
