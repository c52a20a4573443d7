import { expect, test } from 'vitest';
import { pyramidBudgets, pyramidKV } from './pyramid-kv.js';

test.each([
  [512, 1024, 32, [960, 931, 902], 498, 64],
  [2048, 4096, 32, [3994, 3868, 3743], 1985, 102],
  [2048, 8192, 28, [3994, 3849, 3705], 1976, 102],
])('%i of %i rows in %i layers fall on a line', (budget, rows, layers, first, middle, last) => {
  const budgets = pyramidBudgets(budget, layers, rows, 64, 20);
  expect(budgets.slice(0, 3)).toEqual(first);
  expect(budgets[layers === 32 ? 16 : 14]).toBe(middle);
  expect(budgets.at(-1)).toBe(last);
  const mean = budgets.reduce((a, b) => a + b) / layers;
  expect(Math.abs(mean - budget)).toBeLessThanOrEqual(0.5);
});

test('every layer gets the budget where the last would keep less than the window', () => {
  expect(new Set(pyramidBudgets(1024, 28, 4096, 64, 20))).toEqual(new Set([1024]));
});

test('the line is part of the policy', () => {
  expect(pyramidKV({ window: 64 }).layerBudgets?.(512, 32, 1024)[0]).toBe(960);
  expect(() => pyramidKV({ kernel: 2 })).toThrow("pyramidKV: option 'kernel': must be odd");
  expect(() => pyramidKV({ beta: 0 })).toThrow("pyramidKV: option 'beta'");
});
