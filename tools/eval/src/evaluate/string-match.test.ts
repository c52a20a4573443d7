import { expect, it } from 'vitest';
import { stringMatch } from './string-match.js';

it('is the share of answers in the text', () => {
  expect(stringMatch(': 18271 and 9302.', ['18271', '9302'])).toBe(1);
  expect(stringMatch('18271, 18271', ['18271', '9302'])).toBe(0.5);
  expect(stringMatch('ashby', ['Ashby'])).toBe(1);
});

it('gives nothing for what is nearly right', () => {
  expect(stringMatch('1827 1', ['18271'])).toBe(0);
  expect(stringMatch('', ['18271', '9302'])).toBe(0);
});
