import { expect, it } from 'vitest';
import type { Question, RealDocument } from './documents.js';
import { placeOf } from './place.js';

const placed = (passage: string) =>
  placeOf({ evidence: [passage] } as Question, { text: 'abcdefghi' } as RealDocument);

it('is where the middle of the first passage stands', () => {
  expect(placed('abc')).toBe('first third');
  expect(placed('cde')).toBe('middle third');
  expect(placed('ghi')).toBe('last third');
  expect(placed('i')).toBe('last third');
});
