import { expect, it } from 'vitest';
import { alignTokens } from './align-tokens.js';

const align = (text: string, spelled: string) => [
  ...alignTokens(Buffer.from(text), Buffer.from(spelled)),
];

it('gives each byte of the tokens its place in the text', () => {
  expect(align('hi', 'hi')).toEqual([0, 1, 2]);
  expect(align('hi', ' hi')).toEqual([0, 0, 1, 2]);
  expect(align('  hi there', 'hi there')).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
  // Blanks that were joined, and text that was made lower case or composed.
  expect(align('one   two', 'one two')).toEqual([0, 1, 2, 3, 6, 7, 8, 9]);
  expect(align('AB cd', 'ab cd')).toEqual([0, 0, 2, 3, 4, 5]);
  expect(align('e\u0301 and', '\u00e9 and')).toEqual([0, 0, 3, 4, 5, 6, 7]);
  expect(align('', ' ')).toEqual([0, 0]);
  expect(align('abc', '')).toEqual([3]);
});
