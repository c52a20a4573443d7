import { normal } from '@pliant/shared/statistics';
import { describe, expect, it } from 'vitest';
import { fitLogistic } from './logistic.js';
import { randomFeatures } from './planted.test.support.js';
import { weightsOf } from './ridge.js';
import { gramMatrix, standardise } from './standardise.js';

const { rows } = standardise(randomFeatures(60, 4, 'logistic'), [4]);
const gram = gramMatrix(rows);
const draw = normal('logistic noise');
const labels = rows.map((row) => Number(4 * row[1] + 0.5 * draw() > 0.4));
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

describe('fitLogistic', () => {
  it('ends where the gradient is 0: penalty x alpha = label - probability', () => {
    const penalty = 0.3;
    const { alpha } = fitLogistic(gram, labels, -0.4, penalty);
    const weights = weightsOf(alpha, rows);
    rows.forEach((row, i) => {
      const odds = row.reduce((sum, value, d) => sum + value * weights[d], -0.4);
      expect(penalty * alpha[i]).toBeCloseTo(labels[i] - sigmoid(odds), 6);
    });
    expect(weights[1]).toBeGreaterThan(4 * Math.max(...[0, 2, 3].map((d) => Math.abs(weights[d]))));
  });

  it('gives each prompt nearly the log-odds of a fit without it', () => {
    const penalty = 1;
    const { leftOut } = fitLogistic(gram, labels, 0, penalty);
    for (const out of [3, 30, 59]) {
      const others = [...rows.keys()].filter((i) => i !== out);
      const own = others.map((i) => rows[i]);
      const { alpha } = fitLogistic(
        gramMatrix(own),
        others.map((i) => labels[i]),
        0,
        penalty,
      );
      const weights = weightsOf(alpha, own);
      const odds = rows[out].reduce((sum, value, d) => sum + value * weights[d], 0);
      expect(Math.abs(leftOut[out] - odds)).toBeLessThan(0.02);
    }
  });

  it('leaves the offset alone under a large penalty', () => {
    const { alpha } = fitLogistic(gram, labels, 0, 1e9);
    expect(Math.max(...weightsOf(alpha, rows).map(Math.abs))).toBeLessThan(1e-6);
  });
});
