import { expect, it } from 'vitest';
import { wordOverlap } from './word-overlap.js';

it('scores as computed by hand', () => {
  // Lengths 2, 3, 1, mean 2. 'cat' is in 2 of 3 texts: ln(1 + 1.5 / 2.5) = ln 1.6. 'sat' in 1: ln(1
  // + 2.5 / 1.5) = ln(8/3).
  const [first, second, third] = wordOverlap('Cat sat? CAT!', ['The cat', 'cat, cat sat', 'dog']);
  // once, of mean length: 2.2 / (1 + 1.2)
  expect(first).toBeCloseTo(Math.log(1.6), 12);
  // 1.2 * (0.25 + 0.75 * 1.5) = 1.65
  expect(second).toBeCloseTo(
    (Math.log(1.6) * 2 * 2.2) / (2 + 1.65) + (Math.log(8 / 3) * 2.2) / (1 + 1.65),
    12,
  );
  expect(third).toBe(0);
});

it('takes letters and digits of any script as words', () => {
  const [german, number, russian] = wordOverlap('Wie hoch ist die Übergabe, 12 oder где?', [
    'die ÜBERGABE',
    'Nr. 12',
    'Где',
  ]);
  expect(Math.min(german, number, russian)).toBeGreaterThan(0);
});

it('finds nothing in nothing', () => {
  expect(wordOverlap('cat', ['', '...'])).toEqual([0, 0]);
  expect(wordOverlap('', ['cat'])).toEqual([0]);
  expect(wordOverlap('cat', [])).toEqual([]);
});
