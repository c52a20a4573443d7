import { randomStream } from '@pliant/core';
import { readText } from '@pliant/fixtures';
import { drawDistinct } from '../prompts/draw.js';
import { fillPrompt } from '../prompts/fill-prompt.js';
import { renderQuestion } from '../prompts/render-question.js';
import type { Task } from './task.js';

/** Common words; of as many entries and one more, each is one. */
const common = 2;

/**
 * A numbered list of words, two of which come again and again and all others once: which are the
 * common ones? Worded as RULER's common words (Hsieh et al. 2024, arXiv:2404.06654), where ten
 * words come 30 times and the others three times.
 */
export const commonWords: Task = {
  name: 'common-words',
  make({ seed, tokens, tokenizer }) {
    const random = randomStream(seed, 'common-words');
    const words = [...new Set(readText('texts/alice29.txt').match(/\b[a-z]{5,8}\b/g))];
    const drawn = drawDistinct(words, words.length, random);
    const answers = drawn.slice(0, common);
    const entries = drawn
      .slice(common)
      .flatMap((rare) => drawDistinct([...answers, rare], common + 1, random));
    const render = (count: number) =>
      renderQuestion(
        tokenizer,
        `Below is a numbered list of words. In these words, some appear more often than others. Memorize the ones that appear most often.
${numbered(entries.slice(0, count))}
Question: What are the ${common} most common words in the above list?`,
        `The top ${common} words that appear most often in the list are: 1.`,
      );
    return {
      text: fillPrompt({ tokenizer, tokens, units: entries.length, render }),
      answers,
      maxNewTokens: 14,
    };
  },
};

function numbered(words: readonly string[]): string {
  return words.map((word, i) => `${i + 1}. ${word}`).join(' ');
}
