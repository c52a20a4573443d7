import { expect, test } from 'vitest';
import { rankUnits, type UnitRanking } from './rank-units.js';

const units = [
  { from: 0, to: 2 },
  { from: 2, to: 5 },
  { from: 5, to: 6 },
  { from: 6, to: 8 },
];
const attention: UnitRanking = {
  score: Float64Array.of(0.5, 0.5, 0, 0.9, 0, 0.4, 0.25, 0.75),
  required: new Uint8Array(8),
  unitScore: 'max',
  overlapOf: () => Float64Array.of(0, 0, 4, 2),
  lexicalWeight: 0,
  context: 0,
};
const ranks = (given: Partial<UnitRanking> = {}) =>
  rankUnits(units, { ...attention, ...given }).map((unit) => units.indexOf(unit));

test('units rank by their best or their mean token, of equal ones the earlier', () => {
  expect(ranks()).toEqual([1, 3, 0, 2]);
  expect(ranks({ unitScore: 'mean' })).toEqual([0, 3, 2, 1]);
});

test('what they share with the question counts by its weight, both in proportion to the largest', () => {
  // Attention 0.56, 1, 0.44 and 0.83 of the largest; overlap 0, 0, 1 and 0.5.
  expect(ranks({ lexicalWeight: 0.5 })).toEqual([3, 1, 2, 0]);
  expect(ranks({ lexicalWeight: 3 })).toEqual([2, 3, 1, 0]);
});

test('a good one lends its worth to its neighbours, less the farther they are', () => {
  const score = Float64Array.of(0.1, 0, 0, 0, 0, 0, 0.15, 1);
  expect(ranks({ score })).toEqual([3, 0, 1, 2]);
  // From middle to middle: 1.5 tokens to the third, 3.5 to the second, 6 to the first, and exp(-6 /
  // 2) is less than 0.1.
  expect(ranks({ score, context: 2 })).toEqual([3, 2, 1, 0]);
  expect(ranks({ score, context: 0.5 })).toEqual([3, 0, 2, 1]);
});

test('one that stays in any case is worth nothing and lends nothing', () => {
  const required = Uint8Array.of(0, 0, 1, 1, 1, 0, 0, 0);
  expect(ranks({ required, context: 1 })).toEqual([3, 0, 2, 1]);
});
