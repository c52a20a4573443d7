import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer } from '@pliant/transformers';
import { describe, expect, it } from 'vitest';
import { commonWords } from './common-words.js';
import { tasks } from './index.js';
import { passagesQA } from './passages-qa.js';
import type { Task, TaskPrompt } from './task.js';
import { variableTracking } from './variable-tracking.js';

const tokenizer = await openTokenizer(smollm2);
const occurrences = (text: string, word: string) => text.split(word).length - 1;

const made = new Map<Task, TaskPrompt[]>(tasks.map((task) => [task, []]));
/** Prompts of 400 tokens, made once. */
function instance(task: Task, seed: number): TaskPrompt {
  const known = made.get(task)!;
  known[seed] ??= task.make({ seed, tokens: 400, tokenizer });
  return known[seed];
}

describe.each(tasks.map((task) => [task.name, task] as const))('%s', (name, task) => {
  const make = (seed: number) => instance(task, seed);

  it('is decided by the seed', () => {
    expect(task.make({ seed: 1, tokens: 400, tokenizer })).toEqual(make(1));
    expect(make(2).text).not.toBe(make(1).text);
    expect(make(2).answers).not.toEqual(make(1).answers);
  });

  it.each([400, 2048])('fills %i tokens', (tokens) => {
    const { length } = tokenizer.encode(task.make({ seed: 3, tokens, tokenizer }).text);
    expect(length).toBeLessThanOrEqual(tokens);
    expect(length).toBeGreaterThan(tokens - 32);
  });

  it('has room for its answers', () => {
    for (const seed of [1, 2]) {
      const { answers, maxNewTokens } = make(seed);
      expect(answers.length).toBeGreaterThan(0);
      // Two tokens before each, for list marks.
      const needed = answers.reduce((sum, one) => sum + tokenizer.encode(one).length + 2, 0);
      expect(maxNewTokens).toBeGreaterThanOrEqual(needed);
    }
  });

  it('refuses a length that leaves no room', () => {
    expect(() => task.make({ seed: 1, tokens: 40, tokenizer })).toThrow(RangeError);
  });

  if (name.startsWith('needle') || task === passagesQA)
    it('has each answer in the text once, and not in the question', () => {
      for (const seed of [1, 2, 3]) {
        const { text, answers } = make(seed);
        for (const answer of answers) expect(occurrences(text, answer)).toBe(1);
      }
    });
});

it('variable-tracking assigns the value to the first variable and the first to the second', () => {
  for (const seed of [1, 2, 3]) {
    const { text, answers } = instance(variableTracking, seed);
    const [first, second] = answers;
    const value = /value (\d{5}) in the text above/.exec(text)?.[1];
    expect(occurrences(text, `VAR ${first} = ${value}.`)).toBe(1);
    expect(occurrences(text, `VAR ${second} = VAR ${first}.`)).toBe(1);
    expect(occurrences(text, second)).toBe(1);
    expect(text.indexOf(`= ${value}.`)).toBeLessThan(text.indexOf(`VAR ${second}`));
  }
});

it('common-words repeats its answers and nothing else', () => {
  const { text, answers } = instance(commonWords, 2);
  const words = [...text.matchAll(/\d+\. ([a-z]+)/g)].map(([, word]) => word);
  expect(words.length).toBeGreaterThan(40);
  for (const word of new Set(words)) {
    const count = words.filter((other) => other === word).length;
    if (answers.includes(word)) expect(count).toBeGreaterThan(12);
    else expect(count).toBe(1);
  }
});
