import { randomStream } from '@pliant/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectiveSampleSize, logSumExp, normalise } from './log-weights.js';
import { drawAncestors, resamplingMethods } from './resample.js';

const weights = Float64Array.of(0.5, 0.25, 0.125, 0.125);

function given(...values: readonly number[]): () => number {
  let next = 0;
  return () => values[next++];
}

describe('log-weights', () => {
  it('have the tabulated effective sample size', () => {
    expect(effectiveSampleSize(weights)).toBeCloseTo(32 / 11, 12);
    expect(effectiveSampleSize(new Float64Array(4))).toBe(0);
  });

  it('are summed and normalised whatever their size', () => {
    expect(logSumExp([])).toBe(Number.NEGATIVE_INFINITY);
    expect(logSumExp([-2000, -2000])).toBeCloseTo(-2000 + Math.LN2, 9);
    expect([...normalise([-2000, Number.NEGATIVE_INFINITY, -2000])]).toEqual([0.5, 0, 0.5]);
    expect([...normalise([Number.NEGATIVE_INFINITY])]).toEqual([0]);
  });
});

describe('drawAncestors', () => {
  it('finds the tabulated ancestors of given points', () => {
    expect([...drawAncestors('systematic', weights, given(0.3))]).toEqual([0, 0, 1, 2]);
    const stratified = given(0.9, 0.1, 0.6, 0.5);
    expect([...drawAncestors('stratified', weights, stratified)]).toEqual([0, 0, 1, 3]);
    const multinomial = given(0.9, 0.1, 0.6, 0.5);
    expect([...drawAncestors('multinomial', weights, multinomial)]).toEqual([0, 1, 1, 3]);
    expect([...drawAncestors('residual', weights, given(0.7))]).toEqual([0, 0, 1, 3]);
  });

  it.each(resamplingMethods)('%s makes N W copies on average', (method) => {
    const random = randomStream(3, method);
    const runs = 20_000;
    const copies = new Float64Array(4);
    const uneven = Float64Array.of(0.43, 0, 0.37, 0.2);
    for (let run = 0; run < runs; run++)
      for (const ancestor of drawAncestors(method, uneven, random)) copies[ancestor]++;
    // A count varies at most as that of independent draws.
    const bound = (weight: number) => 5 * Math.sqrt((4 * weight * (1 - weight)) / runs);
    uneven.forEach((weight, j) => {
      expect(Math.abs(copies[j] / runs - 4 * weight)).toBeLessThanOrEqual(bound(weight));
    });
    // What leaves the weights out is noticed.
    expect(Math.abs(copies[0] / runs - 1)).toBeGreaterThan(bound(0.25));
  });

  it('never chooses a dead particle, whatever rounding does', () => {
    const weight = fc.oneof(
      fc.constant(0),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(1e-300, 1e-17, 1),
    );
    fc.assert(
      fc.property(
        fc.array(weight, { minLength: 1, maxLength: 20 }).filter((all) => all.some((w) => w > 0)),
        fc.constantFrom(...resamplingMethods),
        fc.constantFrom(Number.MIN_VALUE, 0.5, 1 - 2 ** -53),
        (some, method, extreme) => {
          const total = some.reduce((sum, w) => sum + w, 0);
          const all = Float64Array.from(some, (w) => w / total);
          const ancestors = drawAncestors(method, all, () => extreme);
          expect(ancestors.length).toBe(all.length);
          for (const ancestor of ancestors) expect(all[ancestor]).toBeGreaterThan(0);
        },
      ),
    );
  });
});
