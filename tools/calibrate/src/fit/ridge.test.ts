import { normal } from '@pliant/shared/statistics';
import { describe, expect, it } from 'vitest';
import { randomFeatures } from './planted.test.support.js';
import { fitRidge, weightsOf } from './ridge.js';
import { gramMatrix, standardise } from './standardise.js';

describe('standardise', () => {
  it('centres, and gives each block the same weight; a constant feature counts nothing', () => {
    const rows = [Float64Array.of(1, 5, 0, 2), Float64Array.of(3, 5, 4, 6)];
    const { rows: standard, centre, scale } = standardise(rows, [1, 3]);
    expect([...centre]).toEqual([2, 5, 2, 4]);
    expect(scale[1]).toBe(0);
    expect([...standard[1]]).toEqual([1, 0, 1 / Math.sqrt(3), 1 / Math.sqrt(3)]);
    expect(gramMatrix(standard)[1]).toBeCloseTo(-1 - 2 / 3, 12);
  });
});

describe('fitRidge', () => {
  const { rows } = standardise(randomFeatures(24, 5, 'ridge'), [5]);
  const gram = gramMatrix(rows);
  const draw = normal('ridge noise');
  const target = Float64Array.from(rows, (row) => 3 + 2 * row[0] - row[3] + 0.1 * draw());

  it('solves (X X + penalty) w = X y by hand for one feature', () => {
    const x = [-1, 0, 1];
    const gramOfX = Float64Array.from({ length: 9 }, (_, at) => x[Math.floor(at / 3)] * x[at % 3]);
    const { means, alphas } = fitRidge(gramOfX, [Float64Array.of(1, 2, 6)], 2);
    // X'X = 2, X'y = 5: w = 5 / (2 + 2).
    const [weight] = weightsOf(
      alphas[0],
      x.map((value) => Float64Array.of(value)),
    );
    expect(means).toEqual([3]);
    expect(weight).toBeCloseTo(1.25, 12);
  });

  it('finds the weights that the targets were made with', () => {
    const { alphas, means } = fitRidge(gram, [target], 0.05);
    const weights = weightsOf(alphas[0], rows);
    expect(means[0]).toBeCloseTo(3, 1);
    [2, 0, 0, -1, 0].forEach((weight, d) => {
      expect(Math.abs(weights[d] - weight)).toBeLessThan(0.25);
    });
  });

  it('predicts each prompt as a fit without it does', () => {
    const penalty = 0.7;
    const { leftOut } = fitRidge(gram, [target], penalty);
    for (const out of [0, 7, 23]) {
      const others = [...rows.keys()].filter((i) => i !== out);
      // The mean is free, so the rows are centred again.
      const centre = rows[0].map(
        (_, d) => others.reduce((sum, i) => sum + rows[i][d], 0) / others.length,
      );
      const centred = others.map((i) => rows[i].map((value, d) => value - centre[d]));
      const targets = Float64Array.from(others, (i) => target[i]);
      const { alphas, means } = fitRidge(gramMatrix(centred), [targets], penalty);
      const weights = weightsOf(alphas[0], centred);
      const predicted = weights.reduce(
        (sum, weight, d) => sum + weight * (rows[out][d] - centre[d]),
        means[0],
      );
      expect(leftOut[0][out]).toBeCloseTo(predicted, 8);
    }
  });
});
