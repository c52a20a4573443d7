import { expect, test } from 'vitest';
import { keepByWorth } from './keep-by-worth.js';

const units = [0, 10, 20, 30, 40].map((from) => ({ from, to: from + 10 }));
/** Worth of the units: 1, 0.5, 0.25, 0.1 and, since it stays in any case, 0. */
const keep = (evidence: number) =>
  keepByWorth(
    units,
    {
      score: Float64Array.from(
        { length: 50 },
        (_, i) => [1, 0.5, 0.25, 0.1, 9][Math.floor(i / 10)],
      ),
      required: Uint8Array.from({ length: 50 }, (_, i) => Number(i >= 40)),
      unitScore: 'max',
      overlapOf: () => new Float64Array(5),
      lexicalWeight: 0,
      context: 0,
    },
    evidence,
  );

test.each([
  [0.01, 20],
  [0.8, 30],
  [0.9, 30],
  [0.97, 40],
  [1, 50],
])('a share of %d keeps %i tokens', (evidence, tokens) => {
  expect(keep(evidence).keep).toBe(tokens);
});

test('the reason has the numbers', () => {
  expect(keep(0.9).reason).toBe(
    '2 of 5 units are worth at least 0.33 of the best, which keeps about 90 % of the evidence',
  );
});
