import { expect, test } from 'vitest';
import { shareOf } from './share-of.js';

test.each([
  [0.29, 100, 29],
  [0.5, 7, 3],
  [1, 7, 7],
  [0, 7, 0],
])('%d of %i tokens is %i', (ratio, tokens, share) => {
  expect(shareOf(ratio, tokens)).toBe(share);
});
