import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stableTopK } from './top-k.js';

/** By a full sort: higher score first, then lower index. */
function bySorting(scores: Float32Array, k: number): number[] {
  return Array.from(scores, (_, i) => i)
    .sort((a, b) => scores[b] - scores[a] || a - b)
    .slice(0, k)
    .sort((a, b) => a - b);
}

describe('stableTopK', () => {
  it('keeps the lower index of equal scores', () => {
    expect([...stableTopK(Float32Array.of(1, 3, 2, 3, 2, 2), 4)]).toEqual([1, 2, 3, 4]);
  });

  it('keeps nothing and everything', () => {
    expect([...stableTopK(Float32Array.of(2, 1), 0)]).toEqual([]);
    expect([...stableTopK(Float32Array.of(2, 1), 2)]).toEqual([0, 1]);
  });

  it('equals a full sort, with and without ties', () => {
    const scores = fc.oneof(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 300 }),
      fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 300 }),
    );
    fc.assert(
      fc.property(scores, fc.nat(), (values, seed) => {
        const given = Float32Array.from(values);
        const k = seed % (given.length + 1);
        expect([...stableTopK(given, k)]).toEqual(bySorting(given, k));
        expect(given).toEqual(Float32Array.from(values));
      }),
      { numRuns: 500 },
    );
  });

  it('ranks infinite scores, the lower index of equal ones first', () => {
    const [most, least] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect([...stableTopK(Float32Array.of(1, most, least, 0, most), 3)]).toEqual([0, 1, 4]);
    expect([...stableTopK(Float32Array.of(most, most, 5, most), 2)]).toEqual([0, 1]);
    expect([...stableTopK(Float32Array.of(least, least, 5, least), 3)]).toEqual([0, 1, 2]);
  });

  it('refuses scores that are not numbers, wherever they would rank', () => {
    expect(() => stableTopK(Float32Array.of(Number.NaN, Number.NaN, 1), 2)).toThrow('not numbers');
    expect(() => stableTopK(Float32Array.of(3, 2, 1, Number.NaN), 1)).toThrow('not numbers');
  });
});
