import { describe, expect, it } from 'vitest';
import { averageOverTasks, estimate, pairedDifference } from './estimate.js';

describe('estimate', () => {
  it('divides the sample variance by the count', () => {
    // Squares around 3 sum to 10; variance 2.5, over 5: 0.5.
    const { mean, standardError } = estimate([1, 2, 3, 4, 5]);
    expect(mean).toBe(3);
    expect(standardError).toBeCloseTo(Math.SQRT1_2, 12);
  });

  it('has no error of one value, and refuses none', () => {
    expect(estimate([2])).toEqual({ mean: 2, standardError: 0 });
    expect(() => estimate([])).toThrow(RangeError);
  });
});

describe('averageOverTasks', () => {
  it('counts tasks equally and leaves what lies between them out of the error', () => {
    // Standard errors 1 and 0: sqrt(1 + 0) / 2.
    expect(
      averageOverTasks([
        [0, 2],
        [9, 9, 9],
      ]),
    ).toEqual({ mean: 5, standardError: 0.5 });
  });
});

describe('pairedDifference', () => {
  it('has no error where one is the other and a constant', () => {
    const difference = pairedDifference([[1, 5, 9]], [[0, 4, 8]]);
    expect(difference).toEqual({ mean: 1, standardError: 0 });
  });

  it('depends on the pairs', () => {
    expect(pairedDifference([[0, 1]], [[1, 0]])).toEqual({ mean: 0, standardError: 1 });
  });
});
