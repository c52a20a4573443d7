import { describe, expect, it } from 'vitest';
import { greedyOrder, leaveOneOut, type Measure } from './greedy-order.js';

/** Costs add up, but for layers 2 and 3, which are dear together. */
const costs = [0, 5, 1, 2, 3, 9];
const measure: Measure = async (skipped) => {
  const sum = skipped.reduce((total, layer) => total + costs[layer], 0);
  const pair = skipped.includes(2) && skipped.includes(3) ? 10 : 0;
  return { kl: sum + pair, agreement: 1 / (1 + sum + pair) };
};

describe('leaveOneOut', () => {
  it('ranks the layers by what skipping each alone costs', async () => {
    const singles = await leaveOneOut([1, 2, 3, 4, 5], measure);
    expect(singles.map(({ layer }) => layer)).toEqual([2, 3, 4, 1, 5]);
    expect(singles[0]).toEqual({ layer: 2, kl: 1, agreement: 0.5 });
  });
});

describe('greedyOrder', () => {
  it('measures sets, so that it sees which layers are dear together', async () => {
    const singles = await leaveOneOut([1, 2, 3, 4, 5], measure);
    const steps = await greedyOrder(singles, 3, 4, measure);
    expect(steps.map(({ layer }) => layer)).toEqual([2, 4, 1]);
    expect(steps.map(({ kl }) => kl)).toEqual([1, 4, 9]);
  });

  it('tries no more than the breadth in a step', async () => {
    const singles = await leaveOneOut([1, 2, 3, 4, 5], measure);
    const steps = await greedyOrder(singles, 2, 1, measure);
    expect(steps.map(({ layer }) => layer)).toEqual([2, 3]);
  });

  it('ends with the candidates', async () => {
    const singles = await leaveOneOut([1, 4], measure);
    expect(await greedyOrder(singles, 10, 4, measure)).toHaveLength(2);
  });
});
