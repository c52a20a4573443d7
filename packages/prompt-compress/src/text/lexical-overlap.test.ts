import { expect, test } from 'vitest';
import { lexicalOverlap } from './lexical-overlap.js';

test('is Okapi BM25 of character 4-grams', () => {
  // Grams of ^cat$: ^cat, cat$. Of the passages: 2 (both), 4 (^cat of cats, no cat$) and 2 (none).
  const [first, second, third] = lexicalOverlap('Cat', ['cat', 'cats a', 'dog']);
  const mean = (2 + 4 + 2) / 3;
  const rarity = (holding: number) => Math.log(1 + (3 - holding + 0.5) / (holding + 0.5));
  const term = (length: number) => 2.2 / (1 + 1.2 * (0.25 + (0.75 * length) / mean));
  expect(first).toBeCloseTo((rarity(2) + rarity(1)) * term(2), 12);
  expect(second).toBeCloseTo(rarity(2) * term(4), 12);
  expect(third).toBe(0);
});

const best = (question: string, passages: readonly string[]) => {
  const overlap = lexicalOverlap(question, passages);
  return passages[overlap.indexOf(Math.max(...overlap))];
};

test.each([
  [
    'Who inspected the boilers?',
    ['The boiler inspection was on Monday.', 'Who was there?', 'The door is blue.'],
  ],
  ['Was kostet die Wohnungsmiete?', ['Die Miete: 700.', 'Was ist das?', 'Es regnet.']],
  ['会议在哪个房间举行?', ['会议在三号房间。', '预算是五百。', '他去哪里?']],
])('%s finds other forms of its words', (question, passages) => {
  expect(best(question, passages)).toBe(passages[0]);
});

test('nothing is shared without words', () => {
  expect([...lexicalOverlap('?!', ['a', '', '...'])]).toEqual([0, 0, 0]);
  expect([...lexicalOverlap('Who?', [])]).toEqual([]);
});
