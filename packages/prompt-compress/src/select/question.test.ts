import { encodePrompt, type MessageInput } from '@pliant/core';
import { expect, it } from 'vitest';
import type { ParsedSelection } from '../options/selection-options.js';
import { byteTokenizer } from '../testing/other-tokenizers.test.support.js';
import { tokenCharacters } from '../tokens/characters.js';
import { findQuestions } from './question.js';

const tokenizer = byteTokenizer();
const text = 'The rent is 700 a month. The caretaker lives on the second floor. Pets are welcome. ';
const document = text.repeat(4).trim();

/** The text of each question, one that stands before the text in brackets. */
function found(
  messages: readonly MessageInput[],
  question: ParsedSelection['question'] = 'detect',
  window = 64,
) {
  const prompt = encodePrompt({ messages }, tokenizer);
  return findQuestions(prompt, tokenCharacters(prompt), { question, window }).map(
    ({ from, to, isAtEnd }) => {
      const asked = Buffer.from(prompt.ids.subarray(from, to)).toString();
      return isAtEnd ? asked : `[${asked}]`;
    },
  );
}
const user = (content: string) => [{ role: 'user', content }];

it.each([
  [
    'after the text',
    user(`${document}\n\nAnswer briefly. What is the rent?`),
    'Answer briefly. What is the rent?',
  ],
  [
    'with something to add',
    user(`${document}\n\nWhat is the rent? One word.`),
    'What is the rent? One word.',
  ],
  ['before the text', user(`What is the rent?\n\n${document}`), '[What is the rent?]'],
  [
    'a short last message',
    [...user(document), { role: 'assistant', content: 'Yes.' }, ...user('The rent, please')],
    'The rent, please',
  ],
  [
    'before the result of a tool',
    [...user('What is the rent?'), { role: 'tool', content: document }],
    '[What is the rent?]',
  ],
  ['nothing asked', user(document), undefined],
])('%s', (_, messages, expected) => {
  expect(found(messages)).toEqual(expected === undefined ? [] : [expected]);
});

it('finds one at either end where the last stands apart', () => {
  const [first, last] = ['What is the rent?', 'Where is the caretaker?'];
  expect(found(user(`${first}\n\n${document}\n\n${last}`))).toEqual([`[${first}]`, last]);
  // A document may end with what looks like a question.
  expect(found(user(`${first}\n\n${document} ${last}`))).toEqual([`[${first}]`]);
});

it('takes a named question where it stands last, and none where the window is to ask', () => {
  const messages = user(`${document}\n\nThe rent.\n\n${document}\n\nWho?`);
  expect(found(messages, { text: 'The rent.' })).toEqual(['[The rent.]']);
  expect(found(messages, { text: 'Who?' })).toEqual(['Who?']);
  expect(found(messages, 'last')).toEqual([]);
});

it('finds one on a last line after a heading that looks like one, and none in a blank message', () => {
  expect(found(user(`# How to live here\n${document}\nWhat is the rent?`))).toContain(
    'What is the rent?',
  );
  expect(found([...user(document), ...user('  ')])).toEqual([]);
  const blank = '\n'.repeat(20_000);
  expect(found(user(`What is the rent?\n\n${document}${blank}Who?`))).toContain('Who?');
});
