import { expect, test } from 'vitest';
import { randomStream } from './random.js';

const take = (count: number, random: () => number) => Array.from({ length: count }, random);

/** Chi-square of `cells` equal bins, in standard deviations from its mean. */
function excess(values: number[], cells: number): number {
  const counts = new Array<number>(cells).fill(0);
  for (const value of values) counts[Math.floor(value * cells)]++;
  const expected = values.length / cells;
  const chiSquare = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  return (chiSquare - (cells - 1)) / Math.sqrt(2 * (cells - 1));
}

test('equal seeds and streams give equal numbers, others do not', () => {
  expect(take(5, randomStream(1, 'a'))).toEqual(take(5, randomStream(1, 'a')));
  expect(take(5, randomStream(1, 'a'))).not.toEqual(take(5, randomStream(2, 'a')));
  expect(take(5, randomStream(1, 'a'))).not.toEqual(take(5, randomStream(1, 'b')));
});

test('uniform over (0, 1), also across streams of neighbouring seeds', () => {
  const values = take(100_000, randomStream(7, 'pipeline'));
  expect(Math.min(...values.slice(0, 50_000))).toBeGreaterThan(0);
  expect(excess(values, 100)).toBeLessThan(5);
  const first = Array.from({ length: 20_000 }, (_, seed) => randomStream(seed, 'constrain')());
  expect(excess(first, 100)).toBeLessThan(5);
  // Negative control: a slightly bent sample is noticed.
  expect(
    excess(
      values.map((value) => value ** 1.05),
      100,
    ),
  ).toBeGreaterThan(5);
});
