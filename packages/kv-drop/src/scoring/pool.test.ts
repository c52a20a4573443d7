import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averagePool, maxPool } from './pool.js';

describe('averagePool', () => {
  it('averages over the kernel, with zeros beyond the borders', () => {
    const pooled = averagePool(Float32Array.of(0.1, 0.9, 0.2, 0.3, 0.05, 0.6, 0.4), 3);
    const expected = [0.333333, 0.4, 0.466667, 0.183333, 0.316667, 0.35, 0.333333];
    expected.forEach((value, i) => {
      expect(pooled[i]).toBeCloseTo(value, 6);
    });
  });

  it('changes nothing with kernel 1', () => {
    const scores = Float32Array.of(0.3, 0.1, 0.7);
    expect(averagePool(scores, 1)).toEqual(scores);
  });

  it('gives equal neighbourhoods equal values, wherever they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }),
        fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }),
        (motif, between) => {
          const pooled = averagePool(Float32Array.from([...motif, ...between, ...motif]), 5);
          expect(pooled[2]).toBe(pooled[motif.length + between.length + 2]);
        },
      ),
    );
  });
});

describe('maxPool', () => {
  it('takes the largest of the kernel, at the borders too', () => {
    const pooled = maxPool(Float32Array.of(0.1, 0.9, 0.2, 0.3, 0.05, 0.6, 0.4), 3);
    expect(pooled).toEqual(Float32Array.of(0.9, 0.9, 0.9, 0.3, 0.6, 0.6, 0.6));
    expect(maxPool(Float32Array.of(-2, -1), 5)).toEqual(Float32Array.of(-1, -1));
  });
});
