import { deadEnd, randomStream, StepDistribution } from '@pliant/core';
import { readJson } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { awrs } from './awrs.js';

const vectors = readJson<{
  estimators: Record<string, { p: number[]; valid: number[] }>;
  traces: { alg: string; case: string; order: number[]; token: number; w: number }[];
}>('vectors/awrs-vectors.json');

const untruncated = { temperature: 1, topK: 0, topP: 1, minP: 0 };
const unused = () => {
  throw new Error('drew at random');
};

describe('traces', () => {
  const recursive = vectors.traces.filter(({ alg }) => alg === 'recursive');
  it('has vectors to check', () => expect(recursive).toHaveLength(6));
  it.each(recursive)('$case in the order $order', ({ case: name, order, token, w }) => {
    const { p, valid } = vectors.estimators[name];
    const distribution = new StepDistribution(p.length);
    distribution.load(Float32Array.from(p, Math.log), untruncated);
    const tested: number[] = [];
    const choice = awrs(
      distribution,
      (id) => {
        tested.push(id);
        return valid[id] === 1;
      },
      // Uniform numbers that lead to the tokens of the order.
      (() => {
        const left = new Set(p.keys());
        let at = 0;
        return () => {
          const total = [...left].reduce((sum, id) => sum + p[id], 0);
          let before = 0;
          for (const id of left) if (id < order[at]) before += p[id];
          const middle = (before + p[order[at]] / 2) / total;
          left.delete(order[at++]);
          return middle;
        };
      })(),
    );
    expect(choice.token).toBe(token);
    expect(Math.exp(choice.logWeight)).toBeCloseTo(w, 6);
    expect(tested).toEqual(order);
  });
});

/** Runs a sampler with the real distribution. */
function sample(
  logits: Float32Array,
  accept: (id: number) => boolean,
  random: () => number,
  distribution = new StepDistribution(logits.length),
) {
  distribution.load(logits, untruncated);
  return awrs(distribution, accept, random);
}

describe('statistics on drawn samples', () => {
  const draws = 100_000;

  it.each([11, 12, 13])('E[w 1(token)] = p and the law is p / Z, seed %i', (seed) => {
    const random = randomStream(seed, 'model');
    const size = 3 + Math.floor(random() * 6);
    const logits = Float32Array.from({ length: size }, () => 6 * random() - 3);
    const valid = Array.from({ length: size }, (_, id) => id === 1 || random() < 0.4);
    const mass = [...logits].map(Math.exp);
    const total = mass.reduce((a, b) => a + b, 0);
    const p = mass.map((x) => x / total);
    const Z = p.reduce((sum, x, id) => sum + (valid[id] ? x : 0), 0);
    const sums = new Float64Array(size);
    const squares = new Float64Array(size);
    const counts = new Float64Array(size);
    const distribution = new StepDistribution(size);
    for (let i = 0; i < draws; i++) {
      const { token, logWeight } = sample(logits, (id) => valid[id], random, distribution);
      const w = Math.exp(logWeight);
      sums[token] += w;
      squares[token] += w * w;
      counts[token]++;
    }
    const z = (id: number, target: number) => {
      const mean = sums[id] / draws;
      return (
        Math.abs(mean - target) / Math.sqrt((squares[id] / draws - mean * mean) / draws + 1e-30)
      );
    };
    for (let id = 0; id < size; id++) {
      if (!valid[id]) expect(counts[id]).toBe(0);
      else {
        expect(z(id, p[id])).toBeLessThan(5);
        expect(Math.abs(counts[id] - (draws * p[id]) / Z)).toBeLessThan(
          5 * Math.sqrt((draws * p[id] * (1 - p[id] / Z)) / Z) + 1e-6,
        );
        // A weight that is always 1 (unweighted local decoding) is told apart wherever it is wrong
        // by a tenth.
        if (Z < 0.9) expect(z(id, p[id] / Z)).toBeGreaterThan(5);
      }
    }
  });

  interface Reference {
    readonly rows: {
      id: string;
      p: number[];
      valid: number[];
      settings: { algorithm: string; max_rejects: number | null };
      exact: { Z: number; expected_checks_to_first_accept: number };
      reference: { var_w: number; se_var: number; mean_checks: number; draws: number };
    }[];
  }
  const { rows } = readJson<Reference>('vectors/awrs-reference.json');

  it.each(rows)('mean, variance and checks beside the reference: $id', (row) => {
    const random = randomStream(21, row.id);
    const logits = Float32Array.from(row.p, Math.log);
    const distribution = new StepDistribution(logits.length);
    let [sum, squares, checks, checkSquares] = [0, 0, 0, 0];
    const n = 20_000;
    for (let i = 0; i < n; i++) {
      let calls = 0;
      const accept = (id: number) => {
        calls++;
        return row.valid[id] === 1;
      };
      const w = Math.exp(sample(logits, accept, random, distribution).logWeight);
      sum += w;
      squares += (w - row.exact.Z) ** 2;
      checks += calls;
      checkSquares += calls * calls;
    }
    const variance = squares / n;
    expect(Math.abs(sum / n - row.exact.Z)).toBeLessThan(5 * Math.sqrt(variance / n) + 1e-6);
    const deviation = Math.sqrt(checkSquares / n - (checks / n) ** 2);
    expect(checks / n).toBeGreaterThan(
      row.exact.expected_checks_to_first_accept - (5 * deviation) / Math.sqrt(n),
    );
    if (row.settings.algorithm !== 'recursive' || row.settings.max_rejects !== null) return;
    // The same estimator: 4 standard errors of both sides.
    const { var_w, se_var, mean_checks, draws: theirs } = row.reference;
    expect(Math.abs(variance - var_w)).toBeLessThan(4 * Math.SQRT2 * se_var + 1e-6);
    expect(Math.abs(checks / n - mean_checks)).toBeLessThan(
      4 * deviation * Math.sqrt(1 / n + 1 / theirs) + 1e-6,
    );
  });

  it('the reference file has rows of the same estimator', () => {
    expect(
      rows.some(
        ({ settings }) => settings.algorithm === 'recursive' && settings.max_rejects === null,
      ),
    ).toBe(true);
  });
});

describe('what holds on every run', () => {
  const random = randomStream(31, 'invariants');
  const logits = Float32Array.from({ length: 40 }, () => 4 * random());

  it('a single allowed token has weight p', () => {
    const distribution = new StepDistribution(40);
    distribution.load(logits, untruncated);
    const expected = distribution.logProbability(7);
    for (let i = 0; i < 200; i++)
      expect(sample(logits, (id) => id === 7, random)).toEqual({ token: 7, logWeight: expected });
  });

  it('weight 1 when everything is allowed, also the only token', () => {
    for (let i = 0; i < 200; i++) expect(sample(logits, () => true, random).logWeight).toBe(0);
    expect(sample(Float32Array.of(3), () => true, random)).toEqual({ token: 0, logWeight: 0 });
  });

  it('tests every possible token once before it gives up, and no impossible one', () => {
    const holes = logits.slice();
    holes[3] = Number.NEGATIVE_INFINITY;
    holes[4] = Number.NaN;
    const tested: number[] = [];
    const choice = sample(
      holes,
      (id) => {
        tested.push(id);
        return false;
      },
      random,
    );
    expect(choice).toBe(deadEnd);
    expect(tested).toHaveLength(38);
    expect(new Set(tested).size).toBe(38);
    expect(tested).not.toContain(3);
    expect(tested).not.toContain(4);
  });

  it('a shift of all logits changes nothing', () => {
    const run = (shift: number) =>
      sample(
        Float32Array.from([1, 2, 3, 4], (x) => x + shift),
        (id) => id !== 3,
        randomStream(5, 'shift'),
      );
    expect(run(64)).toEqual(run(0));
  });

  it.each([
    ['probability 1e-9', Math.log(1e-9)],
    ['a logit 60 below', -60],
    ['a logit 2,000 below', -2000],
  ])('finds the only allowed token with %s', (_, logit) => {
    const rare = Float32Array.of(0, -1, logit, -2);
    const { token, logWeight } = sample(rare, (id) => id === 2, random);
    const total = 1 + Math.exp(-1) + Math.exp(-2) + Math.exp(rare[2]);
    expect(token).toBe(2);
    expect(logWeight).toBeCloseTo(rare[2] - Math.log(total), 9);
  });

  it('does not ask the constraint more often than the order forces', () => {
    let calls = 0;
    const accept = (id: number) => {
      if (++calls > 4) throw new Error('a fifth check');
      return id >= 2;
    };
    for (let i = 0; i < 500; i++) {
      calls = 0;
      sample(Float32Array.of(2, 1, 0, 0, 0), accept, random);
    }
    expect(calls).toBeGreaterThan(1);
  });

  it('temperature 0 walks down to the first allowed token, with log-weight 0', () => {
    const distribution = new StepDistribution(5);
    distribution.load(Float32Array.of(1, 5, 3, 5, 2), { ...untruncated, temperature: 0 });
    const tested: number[] = [];
    const choice = awrs(
      distribution,
      (id) => {
        tested.push(id);
        return id === 4;
      },
      unused,
    );
    expect(choice).toEqual({ token: 4, logWeight: 0 });
    expect(tested).toEqual([1, 3, 2, 4]);
  });

  it('tests the first token it is given', () => {
    const distribution = new StepDistribution(3);
    distribution.load(Float32Array.of(0, 0, 0), untruncated);
    expect(
      awrs(
        distribution,
        (id) => id === 2,
        () => 0.1,
        { first: 2 },
      ).token,
    ).toBe(2);
    expect(awrs(distribution, () => true, unused, { first: -1 })).toBe(deadEnd);
  });

  it('goes on with a mask where the allowed token is far away', () => {
    const size = 128_000;
    const zipf = Float32Array.from({ length: size }, (_, id) => -1.2 * Math.log(id + 1));
    const distribution = new StepDistribution(size);
    distribution.load(zipf, untruncated);
    const expected = distribution.logProbability(1000);
    let checks = 0;
    const choice = awrs(
      distribution,
      (id) => {
        checks++;
        return id === 1000;
      },
      randomStream(3, 'mask'),
      {
        mask: {
          after: 8,
          of: () => Uint32Array.from({ length: size / 32 }, (_, i) => (i === 31 ? 1 << 8 : 0)),
        },
      },
    );
    expect(choice.token).toBe(1000);
    expect(choice.logWeight).toBeCloseTo(expected, 12);
    expect(checks).toBe(8);
  });

  it('goes on with a mask at temperature 0 too', () => {
    const distribution = new StepDistribution(40);
    distribution.load(logits, { ...untruncated, temperature: 0 });
    const mask = { after: 2, of: () => Uint32Array.of(0b1100, 0b1) };
    const allowed = [2, 3, 32];
    const best = allowed.reduce((a, b) => (logits[b] > logits[a] ? b : a));
    const choice = awrs(distribution, (id) => allowed.includes(id), unused, { mask });
    expect(choice).toEqual({ token: best, logWeight: 0 });
  });

  it('takes a vocabulary of 200,000 with one allowed token in a thousand', () => {
    const size = 200_000;
    const large = Float32Array.from({ length: size }, (_, id) => -1.2 * Math.log(id + 1));
    const distribution = new StepDistribution(size);
    let checks = 0;
    for (let i = 0; i < 50; i++) {
      const { token } = sample(
        large,
        (id) => {
          checks++;
          return id % 1000 === 5;
        },
        random,
        distribution,
      );
      expect(token % 1000).toBe(5);
    }
    expect(checks).toBeGreaterThanOrEqual(100);
  });

  it('checks as often as the closed form says on Zipf over 128,000 tokens', () => {
    const size = 128_000;
    const zipf = Float32Array.from({ length: size }, (_, id) => -1.2 * Math.log(id + 1));
    const distribution = new StepDistribution(size);
    let [checks, squares] = [0, 0];
    const n = 400;
    for (let i = 0; i < n; i++) {
      let calls = 0;
      let accepted = false;
      sample(
        zipf,
        (id) => {
          if (!accepted) calls++;
          accepted ||= id % 10 === 5;
          return id % 10 === 5;
        },
        random,
        distribution,
      );
      checks += calls;
      squares += calls * calls;
    }
    const mean = checks / n;
    // awrs-vectors.json, zipf128000_s1.2_E_K1
    expect(Math.abs(mean - 10.170935978942484)).toBeLessThan(
      5 * Math.sqrt((squares / n - mean * mean) / n),
    );
  });
});
