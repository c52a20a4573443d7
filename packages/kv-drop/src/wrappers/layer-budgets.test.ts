import { InvalidOptionsError, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kvDrop } from '../kv-drop.js';
import { scoring } from '../policies/policies.test.support.js';
import { pyramidKV } from '../policies/pyramid-kv.js';
import { snapKV } from '../policies/snap-kv.js';
import { apportion } from '../scoring/apportion.js';
import { layerBudgets } from './layer-budgets.js';

describe('apportion', () => {
  it('is proportional, rounded by largest remainder', () => {
    expect(apportion(100, [3, 1], 1, 100)).toEqual([75, 25]);
    expect(apportion(10, [1, 1, 1], 1, 10)).toEqual([4, 3, 3]);
    expect(apportion(10, [1, 1, 1.4], 1, 10)).toEqual([3, 3, 4]);
  });

  it('spreads what a bound takes or leaves in proportion', () => {
    expect(apportion(100, [8, 1, 1], 1, 50)).toEqual([50, 25, 25]);
    expect(apportion(100, [98, 1, 1], 10, 100)).toEqual([80, 10, 10]);
    expect(apportion(90, [6, 2, 1], 20, 50)).toEqual([50, 20, 20]);
  });

  it('is exact, within the bounds, and gives more to a larger share', () => {
    const share = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(share, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 2000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (shares, least, span, fill) => {
          const most = least + span;
          const total = Math.round(shares.length * (least + span * fill));
          const parts = apportion(total, shares, least, most);
          expect(parts.reduce((a, b) => a + b)).toBe(total);
          parts.forEach((part, i) => {
            expect(Number.isInteger(part) && part >= least && part <= most).toBe(true);
            shares.forEach((other, j) => {
              if (other >= shares[i]) expect(parts[j]).toBeGreaterThanOrEqual(part - 1);
            });
          });
        },
      ),
    );
  });
});

describe('layerBudgets', () => {
  const decoder = mockDecoder();

  it('shares the budget by numbers or by a function', () => {
    const budgets = layerBudgets(scoring([]), [4, 2, 1, 1]).layerBudgets?.(20, 4, 100);
    expect(budgets).toEqual([40, 20, 10, 10]);
    const falling = layerBudgets(scoring([]), (layer, layers) => layers - layer);
    expect(falling.layerBudgets?.(20, 4, 100)).toEqual([32, 24, 16, 8]);
  });

  it('leaves no layer less than the policy needs', () => {
    const policy = layerBudgets(snapKV({ window: 8 }), [1, 1, 1, 97]);
    expect(policy.layerBudgets?.(20, 4, 60)).toEqual([9, 9, 9, 53]);
  });

  it('replaces the budgets of pyramidKV', () => {
    const policy = layerBudgets(pyramidKV({ window: 3, beta: 3 }), () => 1);
    expect(policy.layerBudgets?.(20, 4, 60)).toEqual([20, 20, 20, 20]);
    expect(policy.name).toBe('layerBudgets(pyramidKV)');
  });

  it('counts the layers when it is installed', () => {
    const check = (shares: Parameters<typeof layerBudgets>[1], slidingWindows?: number[]) =>
      layerBudgets(snapKV(), shares).check?.({
        ...decoder,
        shape: { ...decoder.shape, slidingWindows },
      });
    check([1, 2, 3, 4]);
    check([1, 2], [8, 0, 8, 0]);
    check(() => 1);
    expect(() => check([1, 2])).toThrow('2 shares for 4 layers without a sliding window');
    expect(() => check([1, 2, 3, 4], [8, 0, 0, 0])).toThrow('4 shares for 3 layers');
    expect(() => check((layer) => layer)).toThrow(InvalidOptionsError);
  });

  it('gives the layers of a run their rows', async () => {
    const ids = Int32Array.from({ length: 60 }, (_, i) => 32 + ((i * 37) % 90));
    const rows: number[][] = [];
    const stack = pipeline(decoder, { tokenizer: mockTokenizer() });
    const { metrics } = await stack
      .use(kvDrop({ policy: layerBudgets(snapKV({ window: 8 }), [5, 3, 1, 1]), budget: 20 }))
      .use({
        specificationVersion: 'v1',
        name: 'watch-cache',
        requires: [],
        create: () => ({
          editCache(view, _last, { phase }) {
            if (phase === 'decode') rows.push([0, 1, 2, 3].map((layer) => view.rows(layer)));
            return undefined;
          },
        }),
      })
      .generate({ ids }, { maxNewTokens: 2 });
    expect(rows).toEqual([[39, 23, 9, 9].map((kept) => kept + 2)]);
    expect(metrics.middlewares['kv-drop'].rowsKept).toBe(20);
    const wrong = kvDrop({ policy: layerBudgets(snapKV({ window: 8 }), [1, 2]), budget: 20 });
    expect(() => stack.use(wrong)).toThrow('2 shares for 4 layers');
  });

  it('refuses shares that are not positive numbers', () => {
    expect(() => layerBudgets(snapKV(), [1, 0])).toThrow("layerBudgets: option '1'");
    expect(() => layerBudgets(snapKV(), [])).toThrow(InvalidOptionsError);
    // @ts-expect-error: a name is not a share
    expect(() => layerBudgets(snapKV(), ['all'])).toThrow(InvalidOptionsError);
  });
});
