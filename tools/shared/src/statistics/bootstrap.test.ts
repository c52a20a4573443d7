import { describe, expect, it } from 'vitest';
import { bootstrapInterval, holm, pValueOfGain } from './bootstrap.js';
import { normal } from './normal.js';
import { spearman } from './spearman.js';

const one = (count: number) => new Array<string>(count).fill('a');

describe('the bootstrap', () => {
  it('has the interval of the normal law for a mean of many', () => {
    const draw = normal('bootstrap');
    const values = Array.from({ length: 400 }, () => 1 + draw());
    const { mean, low, high } = bootstrapInterval(values, one(400), 1);
    const expected = 2 * 1.96 * Math.sqrt(1 / 400);
    expect(high - low).toBeGreaterThan(0.85 * expected);
    expect(high - low).toBeLessThan(1.15 * expected);
    expect(mean).toBeGreaterThan(low);
    expect(mean).toBeLessThan(high);
  });

  it('is wider where whole families differ', () => {
    const values = Array.from({ length: 40 }, (_, i) => (i % 4) + 0.01 * (i % 7));
    const families = values.map((_, i) => `${i % 4}`);
    const width = (of: readonly string[]) => {
      const { low, high } = bootstrapInterval(values, of, 2);
      return high - low;
    };
    expect(width(families)).toBeGreaterThan(2 * width(one(40)));
  });

  it('finds a gain that is there and none in noise around 0', () => {
    const draw = normal('gains');
    const noise = Array.from({ length: 60 }, draw);
    expect(
      pValueOfGain(
        noise.map((value) => value + 1),
        one(60),
        3,
      ),
    ).toBeLessThan(0.001);
    const centred = noise.map((value) => value - noise.reduce((a, b) => a + b) / 60);
    expect(pValueOfGain(centred, one(60), 3)).toBeGreaterThan(0.3);
  });
});

describe('holm', () => {
  it('adjusts as in the textbook, and keeps the order', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(holm([0.6, 0.9])).toEqual([1, 1]);
  });
});

describe('spearman', () => {
  it('is that of the ranks, equal values sharing theirs', () => {
    expect(spearman([1, 2, 3], [10, 100, 1000])).toBeCloseTo(1, 12);
    expect(spearman([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
    expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(0.948683, 6);
    expect(spearman([1, 1], [1, 2])).toBeNaN();
  });
});
