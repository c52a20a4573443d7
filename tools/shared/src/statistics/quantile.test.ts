import { describe, expect, it } from 'vitest';
import { exponentOf, median, pairedRatio, quantile, summarise } from './quantile.js';

describe('quantile', () => {
  it('is linear between the nearest values, whatever their order', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([10, 9, 2])).toBe(9);
    expect(median([10, 9, 2, 1])).toBe(5.5);
    expect(quantile([10, 0], 0.25)).toBe(2.5);
    expect(quantile([5], 0.75)).toBe(5);
  });

  it('refuses an empty sample, and leaves its input alone', () => {
    expect(() => median([])).toThrow(RangeError);
    const values = [3, 1, 2];
    summarise(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('pairedRatio', () => {
  it('compares within rounds: a slow round does not count', () => {
    const ratio = pairedRatio([2, 20, 4], [1, 10, 2]);
    expect(ratio).toEqual({ median: 2, quartiles: [2, 2], count: 3 });
  });

  it('refuses unequal numbers of rounds', () => {
    expect(() => pairedRatio([1], [1, 2])).toThrow(RangeError);
  });
});

describe('exponentOf', () => {
  it('is the power with which times grow', () => {
    const sizes = [10, 20, 40, 80];
    expect(
      exponentOf(
        sizes,
        sizes.map((n) => 3 * n),
      ),
    ).toBeCloseTo(1);
    expect(
      exponentOf(
        sizes,
        sizes.map((n) => n ** 2.5),
      ),
    ).toBeCloseTo(2.5);
  });
});
