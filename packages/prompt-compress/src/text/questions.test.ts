import { expect, test } from 'vitest';
import { asks, leadingQuestion, trailingQuestion } from './questions.js';

test.each([
  'What does the lease cost?',
  '"What does the lease cost?"',
  '**Who signed it?**',
  'Answer in one word.',
  'Question: the rent',
])('%s asks', (sentence) => {
  expect(asks(sentence)).toBe(true);
});

test.each([
  "and what is the use of a book,' thought Alice 'without pictures or conversation?'",
  'Then he said, "Who are you?"',
  'The rent is due on Monday.',
])('%s does not ask', (sentence) => {
  expect(asks(sentence)).toBe(false);
});

test('a story that quotes a question does not begin with one', () => {
  const story =
    "Alice was beginning to get very tired, and of having nothing to do: 'and what is the use of a book,' thought Alice 'without pictures or conversation?'\n\nSo she was considering in her own mind. ".repeat(
      3,
    );
  expect(leadingQuestion(story)).toBe(0);
  expect(leadingQuestion(`What did Alice think of?\n\n${story}`)).toBe(24);
});

test.each([
  ['The rent is 700.\n\nAnswer in a word. What is it?', 'Answer in a word. What is it?'],
  ['When it rains we stay.\n\nWhat do we do?  ', 'What do we do?  '],
  ['The rent is 700. What is it? Be brief, all of you.', 'What is it? Be brief, all of you.'],
  [`${'on and on '.repeat(200)}\nWhich`, 'Which'],
  [`${'on and on '.repeat(200)}which?`, ''],
  ['The rent is 700. The flat is small. It rains.', ''],
  ['', ''],
])('%j ends with the question %j', (text, question) => {
  expect(text.slice(trailingQuestion(text))).toBe(question);
});

test('words that instruct, over and over, are looked through once', () => {
  expect(asks(`${'please  '.repeat(90)}xx`)).toBe(false);
  expect(asks(`${'please  '.repeat(90)}answer`)).toBe(true);
  expect(asks('Où est la clé')).toBe(true);
});
