import { type Choice, type Distribution, deadEnd } from '@pliant/core';
import { readJson } from '@pliant/fixtures';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { awrs } from './awrs.js';

interface Vectors {
  readonly estimators: Record<
    string,
    {
      p: number[];
      valid: number[];
      Z: number;
      E_K1: number;
      target: Record<string, number>;
      recursive: { var_w: number; E_checks: number; P_dead: number };
    }
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

/** Every outcome of a sampler with its exact probability: it is run once for each order in which tokens can be drawn. */
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
      get remainingTokens() {
        return p.length - removed.size;
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

const sampler: Sampler = (distribution, accept) => awrs(distribution, accept, unused);

/** Log-weight: the mass not rejected before the token, without a test of the tail (biased per token). */
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
  it.each(Object.entries(vectors.estimators))('%s', (_, row) => {
    const law = enumerate(sampler, row.p, row.valid);
    for (const [token, target] of row.p.map((p, i) => [i, p * row.valid[i]] as const))
      expect(law.meanWeight(token)).toBeCloseTo(target, 12);
    expect(law.mean((atom) => atom.w)).toBeCloseTo(row.Z, 12);
    expect(law.mean((atom) => (atom.w - row.Z) ** 2)).toBeCloseTo(row.recursive.var_w, 12);
    expect(law.mean((atom) => atom.checks)).toBeCloseTo(row.recursive.E_checks, 12);
    expect(law.mean((atom) => (atom.token < 0 ? 1 : 0))).toBe(row.recursive.P_dead);
    // The token's law is that of masking.
    for (const [token, p] of row.p.entries())
      expect(law.mean((atom) => (atom.token === token ? 1 : 0))).toBeCloseTo(
        (p * row.valid[token]) / row.Z,
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
