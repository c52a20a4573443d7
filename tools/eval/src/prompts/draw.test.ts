import { randomStream } from '@pliant/core';
import { describe, expect, it } from 'vitest';
import { drawDistinct, drawNumbers } from './draw.js';

describe('drawDistinct', () => {
  it('draws every order equally often', () => {
    const random = randomStream(1, 'test');
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = drawDistinct(['a', 'b', 'c'], 2, random).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['ab', 'ac', 'ba', 'bc', 'ca', 'cb']);
    // Mean 1,000, standard deviation 29.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('refuses more than there are', () => {
    expect(() => drawDistinct(['a'], 2, Math.random)).toThrow(RangeError);
  });
});

it('drawNumbers gives different numbers of full length', () => {
  const numbers = drawNumbers(80, 2, randomStream(1, 'test'));
  expect(new Set(numbers).size).toBe(80);
  for (const number of numbers) expect(number).toMatch(/^[1-9]\d$/);
});
