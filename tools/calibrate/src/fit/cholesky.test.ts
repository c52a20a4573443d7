import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choleskyFactor, invertPositiveDefinite, solveInPlace } from './cholesky.js';

describe('the Cholesky factor', () => {
  it('is that of the textbook', () => {
    const matrix = Float64Array.of(4, 12, -16, 12, 37, -43, -16, -43, 98);
    expect([...choleskyFactor(matrix, 3)]).toEqual([2, 0, 0, 6, 1, 0, -8, 5, 3]);
  });

  it('refuses a matrix that is not positive definite', () => {
    expect(() => choleskyFactor(Float64Array.of(1, 2, 2, 1), 2)).toThrow(RangeError);
  });

  it('solves and inverts A A + I', () => {
    const entries = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
      minLength: 16,
      maxLength: 16,
    });
    fc.assert(
      fc.property(entries, (a) => {
        const n = 4;
        const matrix = Float64Array.from({ length: n * n }, (_, at) => {
          const [i, j] = [Math.floor(at / n), at % n];
          let sum = i === j ? 1 : 0;
          for (let k = 0; k < n; k++) sum += a[i * n + k] * a[j * n + k];
          return sum;
        });
        const b = Float64Array.of(1, -2, 3, 0.5);
        const x = b.slice();
        solveInPlace(choleskyFactor(matrix, n), x, n);
        const inverse = invertPositiveDefinite(matrix, n);
        for (let i = 0; i < n; i++) {
          let product = 0;
          let again = 0;
          for (let j = 0; j < n; j++) {
            product += matrix[i * n + j] * x[j];
            again += inverse[i * n + j] * b[j];
          }
          expect(product).toBeCloseTo(b[i], 8);
          expect(again).toBeCloseTo(x[i], 8);
        }
      }),
    );
  });
});
