import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from './random.js';
import { StepDistribution } from './step-distribution.js';

const untruncated = { temperature: 1, topK: 0, topP: 1, minP: 0 };

function load(logits: readonly number[], options: Partial<typeof untruncated> = {}) {
  const distribution = new StepDistribution(logits.length);
  distribution.load(Float32Array.from(logits), { ...untruncated, ...options });
  return distribution;
}

/** Pearson's statistic of counts against probabilities; cells with probability 0 must be empty. */
function chiSquare(counts: readonly number[], probabilities: readonly number[]): number {
  const draws = counts.reduce((a, b) => a + b, 0);
  return counts.reduce((sum, count, i) => {
    if (probabilities[i] === 0) return count === 0 ? sum : Number.POSITIVE_INFINITY;
    return sum + (count - draws * probabilities[i]) ** 2 / (draws * probabilities[i]);
  }, 0);
}

/** Reference probabilities in plain float64. */
function softmax(logits: readonly number[], temperature = 1): number[] {
  const values = Float32Array.from(logits);
  const max = Math.max(...values);
  const weights = [...values].map((logit) => Math.exp((logit - max) / temperature));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

const p = [0.4, 0.3, 0.15, 0.1, 0.05];
const logits = p.map((x) => Math.log(x) + 7);

describe('StepDistribution', () => {
  it('is the log-softmax of the logits', () => {
    const distribution = load(logits);
    for (const [id, probability] of p.entries())
      expect(distribution.logProbability(id)).toBeCloseTo(Math.log(probability), 6);
    expect(distribution.remaining).toBe(1);
    expect(distribution.remainingTokens).toBe(5);
  });

  it('sums to 1, keeps probabilities through removals, and gives the mass that is left', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: -30, max: 30 }), { minLength: 1, maxLength: 1500 }),
        fc.constantFrom(0, 0.5, 1, 3),
        fc.integer(),
        (values, temperature, seed) => {
          const expected = softmax(values, temperature || 1);
          const distribution = load(values, { temperature });
          const random = randomStream(seed, 'test');
          const removed = new Set<number>();
          for (let i = 0; i < Math.min(20, values.length); i++) {
            const id = distribution.draw(random);
            distribution.without(id);
            distribution.without(id);
            removed.add(id);
            const left = expected.reduce((sum, x, other) => sum + (removed.has(other) ? 0 : x), 0);
            expect(Math.abs(distribution.remaining - left)).toBeLessThan(1e-12 * left + 1e-300);
            expect(distribution.remainingTokens).toBe(values.length - removed.size);
            expect(distribution.logProbability(id)).toBeCloseTo(Math.log(expected[id]), 9);
          }
        },
      ),
      { numRuns: 60, seed: 2 },
    );
  });

  it('draws by the probabilities, renormalised over what is left, and a wrong law would show', () => {
    const random = randomStream(3, 'law');
    const distribution = load(logits);
    distribution.without(0);
    distribution.without(3);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 100_000; i++) counts[distribution.draw(random)]++;
    // 2 degrees of freedom: 27.6 is p = 1e-6.
    expect(chiSquare(counts, [0, 0.6, 0.3, 0, 0.1])).toBeLessThan(27.6);
    expect(chiSquare(counts, [0, 0.59, 0.31, 0, 0.1])).toBeGreaterThan(27.6);
  });

  it('draws ordered samples without replacement by their exact law', () => {
    const random = randomStream(4, 'orders');
    const counts = new Map<string, number>();
    const distribution = new StepDistribution(5);
    for (let i = 0; i < 100_000; i++) {
      distribution.load(Float32Array.from(logits), untruncated);
      const first = distribution.draw(random);
      distribution.without(first);
      const order = `${first}${distribution.draw(random)}`;
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const orders = p.flatMap((_, i) => p.flatMap((_, j) => (i === j ? [] : [[i, j]])));
    const observed = orders.map(([i, j]) => counts.get(`${i}${j}`) ?? 0);
    // 19 degrees of freedom: 67 is p = 3e-7.
    expect(
      chiSquare(
        observed,
        orders.map(([i, j]) => (p[i] * p[j]) / (1 - p[i])),
      ),
    ).toBeLessThan(67);
    const withReplacement = orders.map(([i, j]) => p[i] * p[j]);
    const total = withReplacement.reduce((a, b) => a + b, 0);
    expect(
      chiSquare(
        observed,
        withReplacement.map((x) => x / total),
      ),
    ).toBeGreaterThan(67);
  });

  it('draws across blocks of a 200,000-token vocabulary', () => {
    const size = 200_000;
    const values = new Array<number>(size).fill(-20);
    const peaks = [0, 511, 512, 99_999, 199_999];
    for (const [i, id] of peaks.entries()) values[id] = Math.log(p[i]) + 10;
    const distribution = load(values);
    const random = randomStream(5, 'large');
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 20_000; i++) counts[peaks.indexOf(distribution.draw(random))]++;
    // 4 degrees of freedom: 33.4 is p = 1e-6. The tail has 2e-8 of the mass.
    expect(chiSquare(counts, p)).toBeLessThan(33.4);
    for (const id of peaks) distribution.without(id);
    expect(distribution.remaining / (199_995 * Math.exp(-30))).toBeCloseTo(1, 6);
    for (let i = 0; i < 100; i++) expect(peaks).not.toContain(distribution.draw(random));
  });

  it('draws the edges of the unit interval', () => {
    const distribution = load(logits);
    expect(distribution.draw(() => Number.MIN_VALUE)).toBe(0);
    expect(distribution.draw(() => 1 - Number.EPSILON / 2)).toBe(4);
    distribution.without(4);
    expect(distribution.draw(() => 1)).toBe(3);
  });

  it('reaches a token whose weight underflows once the others are gone', () => {
    const distribution = load([0, -2000, -1000], { temperature: 0.5 });
    const random = randomStream(6, 'underflow');
    expect(distribution.draw(random)).toBe(0);
    expect(distribution.remainingTokens).toBe(3);
    distribution.without(0);
    expect(distribution.draw(random)).toBe(2);
    distribution.without(2);
    expect(distribution.draw(random)).toBe(1);
    expect(distribution.logProbability(1)).toBe(-4000);
    distribution.without(1);
    expect(distribution.draw(random)).toBe(-1);
    expect(distribution.remaining).toBe(0);
  });

  it('walks down the logits at temperature 0, lowest id first among equals', () => {
    const never = () => {
      throw new Error('drawn at random');
    };
    const distribution = load([1, 5, 3, 5, Number.NEGATIVE_INFINITY], { temperature: 0 });
    const order: number[] = [];
    for (let id = distribution.draw(never); id >= 0; id = distribution.draw(never)) {
      order.push(id);
      distribution.without(id);
    }
    expect(order).toEqual([1, 3, 2, 0]);
    expect(distribution.temperature).toBe(0);
    expect(distribution.remainingTokens).toBe(0);
  });

  it('gives the untempered softmax at temperature 0, also when asked after a removal', () => {
    const distribution = load(logits, { temperature: 0 });
    distribution.without(0);
    expect(distribution.remaining).toBeCloseTo(0.6, 6);
    expect(distribution.logProbability(0)).toBeCloseTo(Math.log(0.4), 6);
  });

  it('has no probability outside of the truncation', () => {
    const distribution = load(logits, { topK: 2 });
    expect(distribution.logProbability(2)).toBe(Number.NEGATIVE_INFINITY);
    expect(distribution.logProbability(0)).toBeCloseTo(Math.log(4 / 7), 6);
    expect(distribution.remainingTokens).toBe(2);
    distribution.without(2);
    expect(distribution.remainingTokens).toBe(2);
    expect(load(logits, { topP: 0.41 }).remainingTokens).toBe(2);
    expect(load(logits, { minP: 0.3 }).remainingTokens).toBe(3);
  });

  it('treats NaN as impossible, shares the mass among +Infinity, and is empty when all is -Infinity', () => {
    const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minusInf } = Number;
    for (const temperature of [0, 1]) {
      const withNaN = load([nan, 1, nan], { temperature });
      expect(withNaN.logProbability(0)).toBe(minusInf);
      expect(withNaN.draw(() => 0.999)).toBe(1);
      const infinite = load([inf, 3, inf, minusInf], { temperature });
      expect(infinite.logProbability(2)).toBe(-Math.LN2);
      expect(infinite.remainingTokens).toBe(2);
      for (const values of [[minusInf, minusInf], [nan], []]) {
        const empty = load(values, { temperature, topP: 0.5, topK: 1 });
        expect(empty.remainingTokens).toBe(0);
        expect(empty.remaining).toBe(0);
        expect(empty.draw(() => 0.5)).toBe(-1);
      }
    }
  });

  it('restricts itself to a mask as if each other token had been removed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: -900, max: 30 }), { minLength: 1, maxLength: 1300 }),
        fc.array(fc.nat(), { maxLength: 5 }),
        fc.constantFrom(0, 0.5, 1),
        fc.boolean(),
        fc.integer(),
        (values, picks, temperature, weighedBefore, seed) => {
          const random = randomStream(seed, 'test');
          const mask = new Uint32Array(Math.ceil(values.length / 32));
          for (const pick of picks)
            mask[(pick % values.length) >>> 5] |= 1 << ((pick % values.length) & 31);
          const isSet = (id: number) => ((mask[id >>> 5] >>> (id & 31)) & 1) === 1;
          const [one, other] = [load(values, { temperature }), load(values, { temperature })];
          const gone = one.draw(random);
          if (weighedBefore) one.logProbability(0);
          for (const distribution of [one, other]) distribution.without(gone);
          one.restrict(mask);
          for (const id of values.keys()) if (!isSet(id)) other.without(id);
          expect(one.remainingTokens).toBe(other.remainingTokens);
          const logs = [...values.keys()]
            .filter((id) => isSet(id) && id !== gone)
            .map((id) => one.logProbability(id));
          const max = Math.max(...logs);
          const expected = max + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - max), 0));
          if (logs.length === 0) expect(one.logRemaining).toBe(Number.NEGATIVE_INFINITY);
          else expect(one.logRemaining).toBeCloseTo(Math.min(0, expected), 9);
          for (let left = one.remainingTokens; left >= 0; left--) {
            const id = one.draw(() => 0.3);
            expect(other.draw(() => 0.3)).toBe(id);
            expect(id >= 0 && !isSet(id)).toBe(false);
            one.without(id);
            other.without(id);
          }
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  it('leaves nothing beyond a mask that is shorter than the vocabulary', () => {
    const distribution = load(Array.from({ length: 100 }, () => 0));
    distribution.restrict(Uint32Array.of(0, 2));
    expect(distribution.remainingTokens).toBe(1);
    expect(distribution.draw(() => 0.9)).toBe(33);
    expect(distribution.logRemaining).toBeCloseTo(-Math.log(100), 12);
  });

  it('starts anew with every load', () => {
    const distribution = load(logits);
    distribution.without(0);
    distribution.load(Float32Array.from(logits), untruncated);
    expect(distribution.remaining).toBe(1);
    expect(distribution.draw(() => 0.1)).toBe(0);
  });

  it('does not see later changes of the logits it was loaded with', () => {
    const values = Float32Array.from(logits);
    const distribution = new StepDistribution(5);
    distribution.load(values, untruncated);
    values.fill(0);
    expect(distribution.logProbability(0)).toBeCloseTo(Math.log(0.4), 6);
  });

  it('refuses logits of another size', () => {
    expect(() => new StepDistribution(5).load(new Float32Array(4), untruncated)).toThrow(
      '4 logits for a distribution over 5 tokens',
    );
  });
});

it('gives at the smallest temperatures the greedy token, also where others were removed', () => {
  const logits = [1, 3, -2, 2.9999, 3];
  for (const temperature of [1e-30, 1e-300, 1e-308, 5e-324]) {
    const cold = load(logits, { temperature, minP: 0.1, topP: 0.9 });
    for (const random of [1e-9, 0.3]) expect(cold.draw(() => random)).toBe(1);
    expect(cold.draw(() => 0.9)).toBe(4);
    expect(cold.logProbability(1)).toBeCloseTo(-Math.log(2), 12);
    const without = load(logits, { temperature });
    without.without(1);
    without.without(4);
    expect(without.draw(() => 0.5)).toBe(3);
    expect(without.logRemaining).toBeLessThan(-1e20);
  }
});
