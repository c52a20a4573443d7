import { expect, test } from 'vitest';
import { rankUnits } from './rank-units.js';

const units = [
  { from: 0, to: 2 },
  { from: 2, to: 5 },
  { from: 5, to: 6 },
  { from: 6, to: 8 },
];
const score = Float64Array.of(0.5, 0.5, 0, 0.9, 0, 0.4, 0.25, 0.75);
const ranks = (unitScore: 'max' | 'mean') =>
  rankUnits(score, units, unitScore).map((unit) => units.indexOf(unit));

test('units rank by their best or their mean token, of equal ones the earlier', () => {
  expect(ranks('max')).toEqual([1, 3, 0, 2]);
  expect(ranks('mean')).toEqual([0, 3, 2, 1]);
});
