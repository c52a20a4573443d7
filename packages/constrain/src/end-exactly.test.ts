import { deadEnd, randomStream, StepDistribution } from '@pliant/core';
import { describe, expect, it } from 'vitest';
import { endExactly } from './end-exactly.js';

const logits = [0.4, 0.3, 0.2, 0.1].map(Math.log);

function load(temperature: number, values = logits): StepDistribution {
  const distribution = new StepDistribution(values.length);
  distribution.load(Float32Array.from(values), { temperature, topK: 0, topP: 1, minP: 0 });
  return distribution;
}

describe('endExactly', () => {
  it('has the law p / Z and the weight Z, without variance', () => {
    const random = randomStream(1, 'ends');
    const counts = [0, 0, 0, 0];
    const n = 40_000;
    for (let i = 0; i < n; i++) {
      const distribution = load(1);
      const first = distribution.draw(random);
      const { token, logWeight } = endExactly(distribution, new Set([1, 3]), random, first);
      counts[token]++;
      expect(Math.exp(logWeight)).toBeCloseTo(0.4, 6);
    }
    expect(counts[0] + counts[2]).toBe(0);
    const z = (share: number) =>
      Math.abs(counts[1] - n * share) / Math.sqrt(n * share * (1 - share));
    expect(z(0.75)).toBeLessThan(5);
    // The law that keeps the first draw and falls back to the likeliest end would be told apart.
    expect(z(0.9)).toBeGreaterThan(5);
  });

  it('takes the likeliest end at temperature 0, lowest id first', () => {
    const never = () => Number.NaN;
    expect(endExactly(load(0), new Set([3, 2]), never, 0)).toEqual({ token: 2, logWeight: 0 });
    expect(endExactly(load(0, [1, 0, 0]), new Set([2, 1]), never, 0)).toEqual({
      token: 1,
      logWeight: 0,
    });
  });

  it('is a dead end where no end has a probability', () => {
    const values = [0, Number.NEGATIVE_INFINITY];
    expect(endExactly(load(1, values), new Set([1]), Math.random, 0)).toBe(deadEnd);
    expect(endExactly(load(1), new Set([17]), Math.random, 0)).toBe(deadEnd);
    expect(endExactly(load(1), new Set(), Math.random, 0)).toBe(deadEnd);
  });
});
