import type { Prompt } from '@pliant/core';
import { readText } from '@pliant/fixtures';
import type { CorpusPrompt } from './corpus.js';
import { cutPassages } from './passages.js';

const passageLengths = [400, 800, 1200];
const texts = ['texts/alice29.txt', 'texts/asyoulik.txt'];

/** Tasks on a passage. */
const passageTasks: { readonly [family: string]: readonly string[] } = {
  summarise: [
    'Summarize the passage above in two sentences.',
    'Give the passage above a title and one sentence of summary.',
  ],
  question: [
    'Who appears in the passage above, and what do they do?',
    'What happens first in the passage above, and what happens last?',
  ],
  explain: ['Explain the passage above to a child.', 'Why is the passage above funny or sad?'],
  extract: [
    'List all names in the passage above as a JSON array of strings.',
    'Write the speakers of the passage above and the first words of each as JSON.',
  ],
  rewrite: [
    'Rewrite the passage above in plain modern English.',
    'Rewrite the passage above as a letter to a friend.',
  ],
};

const subjects = [
  'growing tomatoes',
  'learning to swim',
  'the French Revolution',
  'black holes',
  'saving money',
  'baking bread',
  'the human heart',
  'playing chess',
  'volcanoes',
  'a job interview',
  'the water cycle',
  'keeping a dog',
];
const chats = [
  'Give me three tips about',
  'What should everybody know about',
  'Tell me a surprising fact about',
  'Write a short poem about',
  'What are common mistakes about',
];
const languages = ['Python', 'JavaScript', 'C', 'SQL'];
const programs = [
  'computes the average of a list of numbers',
  'finds the longest word of a sentence',
  'counts how often each word occurs',
  'tells whether a year is a leap year',
  'sorts customers by the sum of their orders',
  'removes duplicates and keeps the order',
  'converts degrees Celsius to Fahrenheit',
  'checks whether brackets are balanced',
  'finds the second largest value',
  'prints a multiplication table',
];

/** The order of the families. The last is left out of every fit, to see what routers do on tasks that they have not met. */
export const shippedFamilies = ['continue', ...Object.keys(passageTasks), 'chat', 'code'] as const;

/** @param count of all families together; the same prompts for the same count */
export function shippedPrompts(count: number): CorpusPrompt[] {
  const families = shippedFamilies.length;
  const perFamily = Math.ceil(count / families);
  const passages = texts.map((text) =>
    cutPassages(readText(text), Math.ceil((families * perFamily) / texts.length), passageLengths),
  );
  const prompts: CorpusPrompt[] = [];
  for (let i = 0; i < perFamily; i++)
    for (const [place, family] of shippedFamilies.entries()) {
      const at = i * families + place;
      const passage = passages[at % texts.length][Math.floor(at / texts.length)];
      prompts.push({ family, prompt: makePrompt(family, i, passage) });
    }
  return prompts.slice(0, count);
}

function makePrompt(family: string, index: number, passage: string): Prompt {
  const ask = (content: string): Prompt => ({ messages: [{ role: 'user', content }] });
  const pick = <T>(values: readonly T[], at: number) => values[at % values.length];
  const turn = Math.floor(index / subjects.length);
  if (family === 'continue') return { text: passage };
  if (family === 'chat') return ask(`${pick(chats, index + turn)} ${pick(subjects, index)}.`);
  if (family === 'code') {
    const language = pick(languages, index + Math.floor(index / programs.length));
    return ask(`Write ${language} code that ${pick(programs, index)}.`);
  }
  return ask(`${passage}\n\n${pick(passageTasks[family], index)}`);
}
