import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expOfNegative } from './exponential.js';

describe('expOfNegative', () => {
  it('is the exponential, to 4e-15', () => {
    fc.assert(
      fc.property(fc.double({ min: -708, max: 0, noNaN: true }), (x) => {
        expect(Math.abs(expOfNegative(x) / Math.exp(x) - 1)).toBeLessThan(4e-15);
      }),
      { numRuns: 20_000, seed: 1 },
    );
  });

  it.each([
    [0, 1],
    [-0, 1],
    [-745.2, 0],
    [-1e300, 0],
    [Number.NEGATIVE_INFINITY, 0],
  ])('e^%d = %d', (x, expected) => {
    expect(expOfNegative(x)).toBe(expected);
  });

  it('goes down to the smallest number', () => {
    for (const x of [-709, -730, -744, -745])
      expect(Math.abs(expOfNegative(x) - Math.exp(x))).toBeLessThanOrEqual(5e-324);
  });
});
