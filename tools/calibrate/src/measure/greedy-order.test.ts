import { describe, expect, it } from 'vitest';
import { greedyOrder, type MeasureSets, type Step } from './greedy-order.js';

/** Costs add up, but for layers 2 and 3, which are dear together. */
const costs = [0, 5, 1, 2, 3, 9];
const measure: MeasureSets = async (sets) =>
  sets.map((skipped) => {
    const sum = skipped.reduce((total, layer) => total + costs[layer], 0);
    const pair = skipped.includes(2) && skipped.includes(3) ? 10 : 0;
    return { kl: sum + pair, agreement: 1 / (1 + sum + pair) };
  });
const singles = async (layers: readonly number[]): Promise<Step[]> => {
  const effects = await measure(layers.map((layer) => [layer]));
  return effects.map((effect, i) => ({ layer: layers[i], ...effect }));
};

describe('greedyOrder', () => {
  it('measures sets, so that it sees which layers are dear together', async () => {
    const steps = await greedyOrder(await singles([1, 2, 3, 4, 5]), 3, 4, measure);
    expect(steps.map(({ layer }) => layer)).toEqual([2, 4, 1]);
    expect(steps.map(({ kl }) => kl)).toEqual([1, 4, 9]);
  });

  it('tries no more than the breadth in a step', async () => {
    const steps = await greedyOrder(await singles([1, 2, 3, 4, 5]), 2, 1, measure);
    expect(steps.map(({ layer }) => layer)).toEqual([2, 3]);
  });

  it('ends with the candidates', async () => {
    expect(await greedyOrder(await singles([1, 4]), 10, 4, measure)).toHaveLength(2);
  });
});
