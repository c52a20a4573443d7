import { type Choice, type Distribution, deadEnd } from '@pliant/core';
import { readJson } from '@pliant/fixtures';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInMask } from '../contract/token-mask.js';
import { type AwrsSampling, awrs } from './awrs.js';
import { masked } from './masked.js';

interface Vectors {
  readonly estimators: Record<
    string,
    {
      p: number[];
      valid: number[];
      Z: number;
    } & Record<string, { var_w: number; E_checks: number; P_dead?: number }>
  >;
  readonly T1_recursive_pmf_token_w: { token: number; w: number; prob: number }[];
  readonly T1_negative_controls_E: Record<string, number>;
}
const vectors = readJson<Vectors>('vectors/awrs-vectors.json');
const { T1 } = vectors.estimators;

const unused = () => {
  throw new Error('drew at random');
};
interface Atom {
  readonly token: number;
  readonly w: number;
  readonly checks: number;
  readonly rejects: number;
  readonly probability: number;
}
type Sampler = (distribution: Distribution, accept: (token: number) => boolean) => Choice;

/**
 * Every outcome of a sampler with its exact probability: it is run once for each order in which
 * tokens can be drawn.
 */
function enumerate(sampler: Sampler, p: readonly number[], valid: readonly number[]) {
  const atoms: Atom[] = [];
  const orders: number[][] = [[]];
  for (let order = orders.pop(); order; order = orders.pop()) {
    const script = [...order];
    const removed = new Set<number>();
    const left = () => p.reduce((sum, x, id) => sum + (removed.has(id) ? 0 : x), 0);
    let probability = 1;
    let at = 0;
    const distribution: Distribution = {
      size: p.length,
      temperature: 1,
      logProbability: (id) => Math.log(p[id]),
      without: (id) => void removed.add(id),
      get remaining() {
        return left();
      },
      get logRemaining() {
        return Math.log(left());
      },
      get remainingTokens() {
        return p.length - removed.size;
      },
      restrict: (mask) => {
        for (const id of p.keys()) if (!isInMask(mask, id)) removed.add(id);
      },
      draw: () => {
        const possible = [...p.keys()].filter((id) => !removed.has(id));
        if (possible.length === 0) return -1;
        if (at === script.length) {
          // A new branching: this run takes the first way, the others are queued.
          for (const id of possible.slice(1)) orders.push([...script, id]);
          script.push(possible[0]);
        }
        const id = script[at++];
        probability *= p[id] / left();
        return id;
      },
    };
    let [checks, rejects] = [0, 0];
    const { token, logWeight } = sampler(distribution, (id) => {
      checks++;
      if (valid[id] === 0 && checks === rejects + 1) rejects++;
      return valid[id] === 1;
    });
    atoms.push({ token, w: Math.exp(logWeight), checks, rejects, probability });
  }
  const mean = (of: (atom: Atom) => number) =>
    atoms.reduce((sum, atom) => sum + atom.probability * of(atom), 0);
  const meanWeight = (token: number) => mean((atom) => (atom.token === token ? atom.w : 0));
  return { atoms, mean, meanWeight };
}

const withOptions =
  (options: AwrsSampling): Sampler =>
  (distribution, accept) =>
    awrs(distribution, accept, unused, options);
const sampler = withOptions({});

/** The mask of the allowed tokens, after so many rejected ones. */
const maskAfter = (after: number, valid: readonly number[]) => ({
  after,
  of: () => Uint32Array.of(valid.reduce((bits, isValid, id) => bits | (isValid << id), 0)),
});

/**
 * Log-weight: the mass not rejected before the token, without a test of the tail (biased per
 * token).
 */
const withoutTail: Sampler = (distribution, accept) => {
  let token = distribution.draw(unused);
  while (token >= 0 && !accept(token)) {
    distribution.without(token);
    token = distribution.draw(unused);
  }
  return token < 0 ? deadEnd : { token, logWeight: Math.log(distribution.remaining) };
};

/** Weight 1 / (distinct rejects + 1) (biased). */
const inverseCount: Sampler = (distribution, accept) => {
  let rejects = 0;
  const choice = withoutTail(distribution, (token) => {
    const allowed = accept(token);
    if (!allowed) rejects++;
    return allowed;
  });
  return choice.token < 0 ? choice : { ...choice, logWeight: -Math.log(rejects + 1) };
};

/** Stops once the rejected mass is above 1 - 1e-5, as the authors' code does. */
const stopsOnMass: Sampler = (distribution, accept) => {
  let given = 0;
  const stopping: Distribution = {
    size: distribution.size,
    temperature: 1,
    get remaining() {
      return distribution.remaining;
    },
    get logRemaining() {
      return distribution.logRemaining;
    },
    restrict: (mask) => distribution.restrict(mask),
    get remainingTokens() {
      return distribution.remainingTokens;
    },
    logProbability: (id) => distribution.logProbability(id),
    without: (id) => distribution.without(id),
    draw: (random) =>
      given++ > 0 && distribution.remaining < 1e-5 ? -1 : distribution.draw(random),
  };
  return awrs(stopping, accept, unused);
};

describe('exact laws, by enumeration of every order of draws', () => {
  const settings: [string, AwrsSampling][] = [
    ['recursive', {}],
    ['recursive_maxRejects2', { maxRejects: 2 }],
    ['recursive_maxRejects3', { maxRejects: 3 }],
    ['raj_L1', { tail: 1 }],
    ['raj_L2', { tail: 2 }],
    ['raj_L3', { tail: 3 }],
  ];
  const cases = Object.entries(vectors.estimators).flatMap(([name, row]) =>
    settings.map(([estimator, options]) => ({ name, row, estimator, options })),
  );

  it.each(cases)('$name, $estimator', ({ row, estimator, options }) => {
    const law = enumerate(withOptions(options), row.p, row.valid);
    const expected = row[estimator];
    for (const [token, p] of row.p.entries())
      expect(law.meanWeight(token)).toBeCloseTo(p * row.valid[token], 12);
    expect(law.mean((atom) => atom.w)).toBeCloseTo(row.Z, 12);
    expect(law.mean((atom) => (atom.w - row.Z) ** 2)).toBeCloseTo(expected.var_w, 12);
    expect(law.mean((atom) => atom.checks)).toBeCloseTo(expected.E_checks, 12);
    const dead = law.mean((atom) => (atom.token < 0 ? 1 : 0));
    expect(dead).toBeCloseTo(expected.P_dead ?? 0, 12);
    // The token's law is that of masking.
    for (const [token, p] of row.p.entries())
      expect(law.mean((atom) => (atom.token === token ? 1 : 0))).toBeCloseTo(
        ((1 - dead) * p * row.valid[token]) / row.Z,
        12,
      );
  });

  it('T1: every token and weight has its probability', () => {
    const law = enumerate(sampler, T1.p, T1.valid);
    const key = ({ token, w }: { token: number; w: number }) => `${token} ${w.toFixed(9)}`;
    const pmf = new Map<string, number>();
    for (const atom of law.atoms) pmf.set(key(atom), (pmf.get(key(atom)) ?? 0) + atom.probability);
    expect([...pmf.keys()].sort()).toEqual(vectors.T1_recursive_pmf_token_w.map(key).sort());
    for (const atom of vectors.T1_recursive_pmf_token_w)
      expect(pmf.get(key(atom))).toBeCloseTo(atom.prob, 12);
  });

  it('T1: the mean weight of a token does not depend on the order of ids', () => {
    const order = [3, 1, 4, 0, 2];
    const p = order.map((i) => T1.p[i]);
    const law = enumerate(
      sampler,
      p,
      order.map((i) => T1.valid[i]),
    );
    expect(law.mean((atom) => (atom.w - 0.4) ** 2)).toBeCloseTo(T1.recursive.var_w, 12);
  });

  it('is properly weighted for any distribution, and needs E[K1] + P(first allowed is not last) checks', () => {
    const weights = fc.array(
      fc.tuple(fc.double({ min: 0.001, max: 1, noNaN: true }), fc.boolean()),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(weights, (rows) => {
        const total = rows.reduce((sum, [weight]) => sum + weight, 0);
        const p = rows.map(([weight]) => weight / total);
        const valid = rows.map(([, isValid]) => Number(isValid));
        const law = enumerate(sampler, p, valid);
        const Z = p.reduce((sum, x, i) => sum + x * valid[i], 0);
        for (const [token, x] of p.entries())
          expect(law.meanWeight(token)).toBeCloseTo(x * valid[token], 10);
        if (Z === 0) {
          expect(law.mean((atom) => atom.checks)).toBeCloseTo(p.length, 10);
          return;
        }
        const first = p.reduce((sum, x, i) => sum + (valid[i] ? 0 : x / (x + Z)), 1);
        const tail = law.mean((atom) => (atom.checks > atom.rejects + 1 ? 1 : 0));
        expect(law.mean((atom) => atom.checks)).toBeCloseTo(first + tail, 10);
        for (const atom of law.atoms) expect(atom.checks).toBeLessThanOrEqual(atom.rejects + 2);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('stays properly weighted with any tail, cap and mask', () => {
    const arbitrary = fc.record({
      rows: fc.array(fc.tuple(fc.double({ min: 0.001, max: 1, noNaN: true }), fc.boolean()), {
        minLength: 1,
        maxLength: 5,
      }),
      tail: fc.integer({ min: 1, max: 6 }),
      maxRejects: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      after: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(arbitrary, ({ rows, tail, maxRejects, after }) => {
        const total = rows.reduce((sum, [weight]) => sum + weight, 0);
        const p = rows.map(([weight]) => weight / total);
        const valid = rows.map(([, isValid]) => Number(isValid));
        const mask = after === undefined ? undefined : maskAfter(after, valid);
        const law = enumerate(withOptions({ tail, maxRejects, mask }), p, valid);
        for (const [token, x] of p.entries())
          expect(law.meanWeight(token)).toBeCloseTo(x * valid[token], 10);
        const Z = p.reduce((sum, x, i) => sum + x * valid[i], 0);
        for (const atom of law.atoms) {
          expect(atom.rejects).toBeLessThanOrEqual(Math.min(maxRejects ?? 6, after ?? 6));
          // Every token tested, and none given up: nothing is left to chance.
          if (maxRejects === undefined && (atom.checks === p.length || atom.rejects === after))
            expect(atom.w).toBeCloseTo(Z, 10);
        }
      }),
      { numRuns: 150, seed: 2 },
    );
  });

  it('more draws in the tail, less variance; a mask has none', () => {
    const variance = (options: AwrsSampling) =>
      enumerate(withOptions(options), T1.p, T1.valid).mean((atom) => (atom.w - T1.Z) ** 2);
    const variances = [1, 2, 3].map((tail) => variance({ tail }));
    expect(variances).toEqual([...variances].sort((a, b) => b - a));
    expect(variance({ mask: maskAfter(1, T1.valid) })).toBeLessThan(variance({}));
    const law = enumerate(
      (distribution) => masked(distribution, maskAfter(0, T1.valid).of(), unused),
      T1.p,
      T1.valid,
    );
    expect(law.mean((atom) => (atom.w - T1.Z) ** 2)).toBeCloseTo(0, 12);
    expect(law.meanWeight(1)).toBeCloseTo(0.3, 12);
    expect(law.meanWeight(3)).toBeCloseTo(0.1, 12);
  });

  it('knows biased estimators when it sees them', () => {
    const controls = vectors.T1_negative_controls_E;
    const noTail = enumerate(withoutTail, T1.p, T1.valid);
    expect(noTail.meanWeight(1)).toBeCloseTo(controls['remaining_mass_only(L=0)_token1'], 12);
    expect(noTail.meanWeight(3)).toBeCloseTo(controls.remaining_mass_only_token3, 12);
    const count = enumerate(inverseCount, T1.p, T1.valid);
    expect(count.mean((atom) => atom.w)).toBeCloseTo(controls['1/(n0+1)_distinct'], 12);
    expect(Math.abs(count.mean((atom) => atom.w) - T1.Z)).toBeGreaterThan(0.2);
  });

  it('a sampler that stops on rejected mass misses it', () => {
    const p = [0.7, 0.3 - 1e-6, 1e-6];
    const law = enumerate(stopsOnMass, p, [0, 0, 1]);
    expect(law.mean((atom) => (atom.token < 0 ? 1 : 0))).toBeGreaterThan(0.99);
    const ours = enumerate(sampler, p, [0, 0, 1]);
    expect(ours.mean((atom) => (atom.token === 2 ? 1 : 0))).toBeCloseTo(1, 12);
  });
});
