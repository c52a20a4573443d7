import { promptFeatures } from '@pliant/layer-skip';
import { describe, expect, it } from 'vitest';
import { fitLogisticRouter } from './fit-logistic-router.js';
import { fitRidgeRouter } from './fit-ridge-router.js';
import { fitSetRouter } from './fit-set-router.js';
import { baseCosts } from './layer-costs.js';
import { plantedCosts, randomFeatures, trainingFeatures } from './planted.test.support.js';
import { shuffledIndices } from './random-sets.js';

const n = 120;
const raw = randomFeatures(n, 16, 'router features');
const features = trainingFeatures(raw);
const exchanged = trainingFeatures(shuffledIndices(n, 'exchange').map((i) => raw[i]));

function costsWith(signal: number) {
  const alone = plantedCosts(raw, signal, 'router costs');
  const means = alone[0].map((_, layer) => alone.reduce((sum, own) => sum + own[layer], 0) / n);
  const order = [...means.keys()].slice(1).sort((a, b) => means[a] - means[b]);
  const setKls = order.map((_, place) =>
    order.slice(0, place + 1).reduce((sum, layer) => sum + means[layer], 0),
  );
  return { alone, base: baseCosts(order, setKls, means, [0]) };
}
const gain = ({ cost, staticCost }: { cost: number; staticCost: number }) => 1 - cost / staticCost;

/**
 * Sets of the odd layers, of the even ones, and of the first: what the first feature tells apart.
 */
const sets = [
  [1, 2, 3],
  [1, 3, 5],
  [2, 4, 6],
];
const setKls = (signal: number) =>
  costsWith(signal).alone.map((own) =>
    sets.map((set) => set.reduce((sum, layer) => sum + own[layer], 0)),
  );

describe('routers where a feature tells which layers are cheap', () => {
  it.each([
    ['ridge', () => fitRidgeRouter(features, costsWith(0.6), 3)],
    ['logistic', () => fitLogisticRouter(features, costsWith(0.6), 3)],
    ['sets', () => fitSetRouter(features, setKls(0.6), 0)],
  ])('%s finds it', (_, choose) => {
    expect(gain(choose())).toBeGreaterThan(0.2);
  });

  it.each([
    ['ridge', () => fitRidgeRouter(exchanged, costsWith(0.6), 3)],
    ['logistic', () => fitLogisticRouter(exchanged, costsWith(0.6), 3)],
    ['sets', () => fitSetRouter(exchanged, setKls(0.6), 0)],
  ])('%s finds nothing once the features are exchanged', (_, choose) => {
    expect(gain(choose())).toBeLessThan(0.05);
  });

  it('the map gives raw features what was fitted on standardised ones', () => {
    const { map } = fitRidgeRouter(features, costsWith(0.6), 3);
    const odd = (prompt: number) =>
      map.weights[1].reduce((sum, weight, d) => sum + weight * raw[prompt][d], map.bias[1]);
    const even = (prompt: number) =>
      map.weights[2].reduce((sum, weight, d) => sum + weight * raw[prompt][d], map.bias[2]);
    const high = raw.findIndex(([first]) => first > 1.5);
    const low = raw.findIndex(([first]) => first < -1.5);
    expect(odd(high)).toBeGreaterThan(even(high));
    expect(odd(low)).toBeLessThan(even(low));
  });
});

describe('routers where features tell nothing', () => {
  it('stay near the static choice', () => {
    expect(Math.abs(gain(fitRidgeRouter(features, costsWith(0), 3)))).toBeLessThan(0.05);
    expect(gain(fitLogisticRouter(features, costsWith(0), 3))).toBeLessThan(0.05);
    expect(gain(fitSetRouter(features, setKls(0), 0))).toBeLessThan(0.1);
  });
});

describe('baseCosts', () => {
  it('ascend along the order, then by cost alone; protected layers never', () => {
    const base = baseCosts([3, 1], [0.2, 0.3], [0, 0.1, 9, 0.1, 0.5], [0, 4]);
    expect(base[3]).toBeCloseTo(Math.log(0.2), 6);
    // It added less than the one before, and comes after it all the same.
    expect(base[1]).toBeGreaterThan(base[3]);
    expect(base[2]).toBeCloseTo(Math.log(9), 6);
    expect(base[4]).toBe(Number.POSITIVE_INFINITY);
  });
});

it('features are influences, the logarithm of the length, and means', () => {
  const evidence = {
    promptTokens: 100,
    blockInfluences: { influences: Float32Array.of(1, 0.5), normRatios: Float32Array.of(1, 1) },
    hiddenMeans: Float32Array.of(1, 2, 3, 4),
  };
  expect([...promptFeatures(evidence, [1])]).toEqual([1, 0.5, Math.log(100), 3, 4]);
});
