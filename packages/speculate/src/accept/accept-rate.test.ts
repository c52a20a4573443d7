import { describe, expect, it } from 'vitest';
import { AcceptByMatch } from './accept-by-match.js';
import { AcceptRate } from './accept-rate.js';

describe('AcceptRate', () => {
  it('goes from its prior to what was seen', () => {
    const rate = new AcceptRate(1, 2);
    expect(rate.value).toBe(1);
    rate.add(false);
    rate.add(false);
    expect(rate.value).toBe(0.5);
    for (let i = 0; i < 500; i++) rate.add(i % 4 === 0);
    expect(rate.value).toBeCloseTo(0.25, 1);
  });

  it('forgets: a text that changes is followed within some 100 tokens', () => {
    const rate = new AcceptRate(0.5, 2);
    for (let i = 0; i < 10_000; i++) rate.add(true);
    for (let i = 0; i < 128; i++) rate.add(false);
    expect(rate.value).toBeLessThan(0.2);
  });

  it('is copied with what it saw', () => {
    const rate = new AcceptRate(0, 1);
    rate.add(true);
    const copy = rate.copy();
    rate.add(true);
    expect(copy.value).toBe(0.5);
    copy.add(false);
    expect(copy.value).toBeCloseTo(1 / 3, 12);
  });
});

describe('AcceptByMatch', () => {
  it('expects more of longer matches, and learns of each length apart', () => {
    const rates = new AcceptByMatch();
    const expected = [1, 2, 3, 4, 5, 8, 12, 32].map((match) => rates.of(match).value);
    expect(expected).toEqual([...expected].sort((a, b) => a - b));
    for (let i = 0; i < 20; i++) rates.of(2).add(true);
    expect(rates.of(2).value).toBeGreaterThan(0.8);
    expect(rates.of(1).value).toBe(expected[0]);
  });
});
