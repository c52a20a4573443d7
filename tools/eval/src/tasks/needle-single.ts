import { readText } from '@pliant/fixtures';
import { makeNeedle } from '../needle/needle.js';
import type { Task } from './task.js';

/** One number hidden in a part of Alice in Wonderland: the prompts of the `needle` command. */
export const needleSingle: Task = {
  name: 'needle-single',
  make(options) {
    const haystack = readText('texts/alice29.txt');
    const { text, answer } = makeNeedle({ ...options, haystack });
    return { text, answers: [answer], maxNewTokens: 12 };
  },
};
