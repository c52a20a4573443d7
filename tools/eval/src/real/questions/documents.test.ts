import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer } from '@pliant/transformers';
import { describe, expect, it } from 'vitest';
import { answerStands } from '../answer-stands.js';
import { readDocuments } from './documents.js';
import { formNames } from './forms.js';

const documents = readDocuments();
const tokenizer = await openTokenizer(smollm2);
const questions = documents.flatMap(({ questions }) => questions);

it('are enough, with an id for each question', () => {
  expect(documents.length).toBeGreaterThanOrEqual(20);
  expect(questions.length).toBeGreaterThanOrEqual(80);
  expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length);
});

it('are asked about in every form about equally often', () => {
  for (const form of formNames) {
    const share = questions.filter((question) => question.form === form).length / questions.length;
    expect(share, form).toBeGreaterThan(0.18);
    expect(share, form).toBeLessThan(0.32);
  }
});

it('come in three languages', () => {
  expect(new Set(documents.map(({ language }) => language)).size).toBeGreaterThanOrEqual(3);
});

describe.each(documents)('$id', ({ id, text, questions }) => {
  it('has 600 to 6,000 tokens', () => {
    const tokens = tokenizer.encode(text).length;
    expect(tokens).toBeGreaterThanOrEqual(600);
    expect(tokens).toBeLessThanOrEqual(6000);
  });

  it.each(questions)('$id can be answered, and only by its evidence', (question) => {
    expect(question.id.startsWith(`${id}-`)).toBe(true);
    for (const passage of question.evidence) expect(text.split(passage)).toHaveLength(2);
    const evidence = question.evidence.join('\n');
    expect(question.answers.some((answer) => answerStands(answer, evidence))).toBe(true);
    for (const answer of question.answers)
      expect(answerStands(answer, question.question), answer).toBe(false);
  });
});
