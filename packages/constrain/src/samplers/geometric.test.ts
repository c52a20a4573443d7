import { deadEnd, randomStream, StepDistribution } from '@pliant/core';
import { readJson } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { type GeometricSampling, geometric } from './geometric.js';

interface Row {
  readonly p: number[];
  readonly valid: number[];
  readonly Z: number;
}
const { estimators, traces } = readJson<{
  estimators: Record<string, Row & Record<string, { var_w: number; E_checks?: number }>>;
  traces: {
    alg: string;
    A: number;
    R: number | null;
    accepts: number;
    rejects: number;
    w: number;
  }[];
}>('vectors/awrs-vectors.json');
const { rows } = readJson<{
  rows: {
    id: string;
    p: number[];
    valid: number[];
    settings: { algorithm: string; max_accepts: number; max_rejects: number | null };
    exact: { Z: number };
    reference: {
      var_w: number;
      se_var: number;
      mean_checks: number;
      dead_fraction: number;
      draws: number;
    };
  }[];
}>('vectors/awrs-reference.json');

const untruncated = { temperature: 1, topK: 0, topP: 1, minP: 0 };
const unused = () => {
  throw new Error('drew at random');
};

/** Moments of many draws. */
function sample(
  { p, valid }: { readonly p: readonly number[]; readonly valid: readonly number[] },
  options: GeometricSampling,
  n: number,
  stream: string,
) {
  const random = randomStream(17, stream);
  const logits = Float32Array.from(p, Math.log);
  const distribution = new StepDistribution(p.length);
  const Z = p.reduce((sum, x, id) => sum + x * valid[id], 0);
  const counts = new Float64Array(p.length);
  const perToken = new Float64Array(p.length);
  const perTokenSquares = new Float64Array(p.length);
  let [sum, squares, fourths, checks, checkSquares, dead] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    let calls = 0;
    distribution.load(logits, untruncated);
    const choice = geometric(
      distribution,
      (id) => {
        calls++;
        return valid[id] === 1;
      },
      random,
      options,
    );
    const w = Math.exp(choice.logWeight);
    sum += w;
    squares += (w - Z) ** 2;
    fourths += (w - Z) ** 4;
    checks += calls;
    checkSquares += calls * calls;
    if (choice.token < 0) dead++;
    else {
      counts[choice.token]++;
      perToken[choice.token] += w;
      perTokenSquares[choice.token] += w * w;
    }
  }
  const variance = squares / n;
  return {
    Z,
    mean: sum / n,
    meanError: Math.sqrt(variance / n) + 1e-9,
    variance,
    varianceError: Math.sqrt((fourths / n - variance ** 2) / n) + 1e-9,
    checks: checks / n,
    checksError: Math.sqrt((checkSquares / n - (checks / n) ** 2) / n) + 1e-9,
    dead: dead / n,
    counts,
    tokenMean: (id: number) => perToken[id] / n,
    tokenError: (id: number) =>
      Math.sqrt((perTokenSquares[id] / n - (perToken[id] / n) ** 2) / n) + 1e-9,
  };
}

/** Each beside one that differs in a single option. */
const settings: [string, GeometricSampling, other: string][] = [
  ['geometric_A2', {}, 'geometric_A3'],
  ['geometric_A3', { maxAccepts: 3 }, 'geometric_A5'],
  ['geometric_A5', { maxAccepts: 5 }, 'geometric_A3'],
  ['geometric_A2_maxRejects2', { maxRejects: 2 }, 'geometric_A2_maxRejects5'],
  ['geometric_A2_maxRejects5', { maxRejects: 5 }, 'geometric_A2'],
  ['geometric_A3_maxRejects4', { maxAccepts: 3, maxRejects: 4 }, 'geometric_A3'],
];
const cases = Object.entries(estimators).flatMap(([name, row]) =>
  settings.map(([estimator, options, other]) => ({ name, row, estimator, options, other })),
);
const draws = 12_000;

describe('geometric', () => {
  it.each(cases)(
    '$name, $estimator: mean, variance and checks',
    ({ name, row, estimator, options, other }) => {
      const expected = row[estimator];
      const drawn = sample(row, options, draws, name + estimator);
      expect(Math.abs(drawn.mean - row.Z)).toBeLessThan(5 * drawn.meanError);
      expect(Math.abs(drawn.variance - expected.var_w)).toBeLessThan(5 * drawn.varianceError);
      for (const [id, p] of row.p.entries())
        expect(Math.abs(drawn.tokenMean(id) - p * row.valid[id])).toBeLessThan(
          5 * drawn.tokenError(id),
        );
      // In these rows the option matters enough that the draws tell the settings apart.
      if (name === 'T2' || name === 'T5')
        expect(Math.abs(drawn.variance - row[other].var_w)).toBeGreaterThan(
          5 * drawn.varianceError,
        );
      if (expected.E_checks !== undefined)
        expect(Math.abs(drawn.checks - expected.E_checks)).toBeLessThan(5 * drawn.checksError);
    },
  );

  it.each(cases.filter(({ name }) => name === 'T1'))(
    'the same moments where the mask takes over: $estimator',
    ({ row, estimator, options }) => {
      const mask = {
        after: 1,
        of: () => Uint32Array.of(row.valid.reduce((bits, valid, id) => bits | (valid << id), 0)),
      };
      const drawn = sample(row, { ...options, mask }, draws, estimator);
      expect(Math.abs(drawn.variance - row[estimator].var_w)).toBeLessThan(5 * drawn.varianceError);
      for (const [id, p] of row.p.entries())
        expect(Math.abs(drawn.tokenMean(id) - p * row.valid[id])).toBeLessThan(
          5 * drawn.tokenError(id),
        );
      expect(drawn.checks).toBeLessThan(1 + (options.maxAccepts ?? 2));
    },
  );

  // As many as the reference drew.
  const referenceDraws = 20_000;
  const reference = rows.filter(({ settings }) => settings.algorithm === 'geometric');
  it('has rows of the reference', () => expect(reference.length).toBeGreaterThan(2));
  it.each(reference)('beside the reference: $id', (row) => {
    const { max_accepts: maxAccepts, max_rejects } = row.settings;
    const maxRejects = max_rejects ?? Number.POSITIVE_INFINITY;
    const drawn = sample(row, { maxAccepts, maxRejects }, referenceDraws, row.id);
    const { var_w, se_var, mean_checks, draws: theirs, dead_fraction } = row.reference;
    expect(Math.abs(drawn.mean - row.exact.Z)).toBeLessThan(4 * drawn.meanError);
    expect(Math.abs(drawn.variance - var_w)).toBeLessThan(
      4 * Math.hypot(se_var, drawn.varianceError),
    );
    expect(Math.abs(drawn.checks - mean_checks)).toBeLessThan(
      4 * drawn.checksError * Math.sqrt(1 + referenceDraws / theirs),
    );
    const deadError = Math.sqrt(
      dead_fraction * (1 - dead_fraction) * (1 / theirs + 1 / referenceDraws),
    );
    expect(Math.abs(drawn.dead - dead_fraction)).toBeLessThan(4 * deadError + 1e-9);
    // The law given that it lives is that of masking, cap or none.
    const alive = drawn.counts.reduce((sum, count) => sum + count, 0);
    for (const [id, p] of row.p.entries()) {
      const share = (p * row.valid[id]) / row.exact.Z;
      expect(Math.abs(drawn.counts[id] - alive * share)).toBeLessThan(
        5 * Math.sqrt(alive * share * (1 - share)) + 1e-9,
      );
    }
  });

  it('a weight of distinct rejects alone is told apart', () => {
    // 1 / (n0 + 1): what it would be without the draws that are not made.
    const random = randomStream(1, 'control');
    const { p, valid, Z } = estimators.T1;
    const distribution = new StepDistribution(p.length);
    let sum = 0;
    for (let i = 0; i < 20_000; i++) {
      distribution.load(Float32Array.from(p, Math.log), untruncated);
      let rejects = 0;
      geometric(distribution, (id) => valid[id] === 1 || rejects++ < 0, random, {
        maxRejects: 1e9,
      });
      sum += 1 / (rejects + 1);
    }
    // awrs-vectors.json: 1/(n0+n1+1)_without_(1-psi0)
    expect(sum / 20_000).toBeCloseTo(0.491, 2);
    expect(sum / 20_000).toBeGreaterThan(Z + 0.05);
  });

  it.each(traces.filter(({ alg }) => alg === 'geometric'))(
    'A $A, R $R, $accepts accepts, $rejects rejects: $w',
    ({ A, R, accepts, rejects, w }) => {
      // Two tokens of half the mass, the first rejected: the first number rejects it, the second
      // says how often it would be again.
      const script = [0.25, 0.5 ** (rejects - 0.5), ...Array(10).fill(0.9)];
      if (rejects === R && accepts > 0) {
        // Accepted first, then rejected until the cap.
        script.splice(0, 2, ...Array(accepts).fill(0.75), 0.25, 0.5 ** (rejects - 0.5));
      }
      let at = 0;
      const distribution = new StepDistribution(2);
      distribution.load(Float32Array.of(0, 0), untruncated);
      const choice = geometric(
        distribution,
        (id) => id === 1,
        () => script[at++],
        {
          maxAccepts: A,
          maxRejects: R ?? Number.POSITIVE_INFINITY,
        },
      );
      expect(choice.token).toBe(1);
      expect(Math.exp(choice.logWeight)).toBeCloseTo(w, 12);
    },
  );

  it('finds a token of next to no mass, with its weight on the scale of the mass', () => {
    const random = randomStream(4, 'rare');
    for (const logit of [-60, -700, -2000]) {
      const logWeights = Array.from({ length: 50 }, () => {
        const distribution = new StepDistribution(3);
        distribution.load(Float32Array.of(0, -1, logit), untruncated);
        const { token, logWeight } = geometric(distribution, (id) => id === 2, random);
        expect(token).toBe(2);
        return logWeight;
      });
      for (const logWeight of logWeights) expect(Math.abs(logWeight - logit)).toBeLessThan(12);
    }
  });

  it('tests every token once where none is allowed', () => {
    const distribution = new StepDistribution(20);
    distribution.load(new Float32Array(20), untruncated);
    const tested: number[] = [];
    const choice = geometric(
      distribution,
      (id) => {
        tested.push(id);
        return false;
      },
      randomStream(5, 'none'),
    );
    expect(choice).toBe(deadEnd);
    expect(tested.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, id) => id));
  });

  it('at temperature 0 walks down to the first allowed token', () => {
    const distribution = new StepDistribution(3);
    distribution.load(Float32Array.of(1, 3, 2), { ...untruncated, temperature: 0 });
    expect(geometric(distribution, (id) => id !== 1, unused)).toEqual({ token: 2, logWeight: 0 });
  });
});
