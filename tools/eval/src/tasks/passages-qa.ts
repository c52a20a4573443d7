import { randomStream } from '@pliant/core';
import { readText } from '@pliant/fixtures';
import { drawDistinct } from '../prompts/draw.js';
import { fillPrompt } from '../prompts/fill-prompt.js';
import { wordsFrom } from '../prompts/hide-sentences.js';
import { renderQuestion } from '../prompts/render-question.js';
import type { Task } from './task.js';

const passages = 3;

const people = [
  'Edmund Hale',
  'Martha Quill',
  'Oscar Finch',
  'Clara Bruun',
  'Hugo Tarn',
  'Ida Voss',
];
const towns = [
  'Harwick',
  'Elmsford',
  'Dunmore',
  'Kelling',
  'Ashby',
  'Norwold',
  'Tilbury',
  'Pentlow',
];
const trades = ['clockmaker', 'weaver', 'sailor', 'teacher', 'tailor', 'barber', 'printer'];
const animals = ['goat', 'parrot', 'donkey', 'falcon', 'otter', 'badger', 'swan'];

interface Person {
  readonly name: string;
  readonly town: string;
  readonly trade: string;
  readonly animal: string;
}

/** Question, beginning of the answer, answer. */
type Question = readonly [question: string, begun: string, answer: string];

/**
 * Passages of equal length, a made-up person introduced at the beginning of each and a part of
 * Alice in Wonderland after it: a question on one of the people. Worded as RULER's question
 * answering (Hsieh et al. 2024, arXiv:2404.06654), which takes passages and questions of SQuAD and
 * HotpotQA.
 */
export const passagesQA: Task = {
  name: 'passages-qa',
  make({ seed, tokens, tokenizer }) {
    const random = randomStream(seed, 'passages-qa');
    const known = drawPeople(random);
    const asked = known[Math.floor(random() * passages)];
    const [question, begun, answer] = drawDistinct(questionsOn(asked), 1, random)[0];
    const words = wordsFrom(readText('texts/alice29.txt'), random());
    const document = (person: Person, i: number, length: number) => {
      const text = words.slice(i * length, (i + 1) * length).join(' ');
      return `Document ${i + 1}:\n${introduce(person)} ${text}`;
    };
    const render = (length: number) =>
      renderQuestion(
        tokenizer,
        `Answer the question based on the given documents. Only give me the answer and do not output any other words.

The following are given documents.

${known.map((person, i) => document(person, i, length)).join('\n\n')}

Answer the question based on the given documents. Only give me the answer and do not output any other words.

Question: ${question}`,
        begun,
      );
    const units = Math.floor(words.length / passages);
    return {
      text: fillPrompt({ tokenizer, tokens, units, render }),
      answers: [answer],
      maxNewTokens: 12,
    };
  },
};

function drawPeople(random: () => number): Person[] {
  const [names, homes, works, pets] = [people, towns, trades, animals].map((values) =>
    drawDistinct(values, passages, random),
  );
  return names.map((name, i) => ({ name, town: homes[i], trade: works[i], animal: pets[i] }));
}

function introduce({ name, town, trade, animal }: Person): string {
  return `${name} lives in the town of ${town}. This person works as a ${trade} and keeps a ${animal}.`;
}

function questionsOn({ name, town, trade, animal }: Person): Question[] {
  return [
    [`In which town does ${name} live?`, `${name} lives in the town of`, town],
    [`What is the trade of ${name}?`, `${name} works as a`, trade],
    [`Which animal does ${name} keep?`, `${name} keeps a`, animal],
  ];
}
