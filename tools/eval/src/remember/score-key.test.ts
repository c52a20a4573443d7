import type { ScoresRequest } from '@pliant/core';
import { expect, it } from 'vitest';
import { capRows, scoreKey } from './score-key.js';

const request: ScoresRequest = { rows: 3, reduceRows: 'mean', reduceHeads: 'max' };

it('scoreKey is equal for what gives equal scores', () => {
  const key = scoreKey(request, 2);
  expect(scoreKey({ reduceHeads: 'max', reduceRows: 'mean', rows: 3, layers: [0, 1] }, 2)).toBe(
    key,
  );
  expect(scoreKey({ ...request, chunks: 'every' }, 2)).toBe(key);
});

it('scoreKey differs for all else', () => {
  const others: ScoresRequest[] = [
    request,
    { ...request, rows: 2 },
    { ...request, layers: [1] },
    { ...request, reduceRows: 'sum' },
    { ...request, reduceHeads: 'none' },
    { ...request, rowWeights: Float32Array.of(1, 2, 3) },
    { ...request, rowWeights: Float32Array.of(1, 2, 4) },
  ];
  expect(new Set(others.map((other) => scoreKey(other, 2))).size).toBe(others.length);
});

it('capRows keeps the last weights', () => {
  expect(capRows(request, 3)).toBe(request);
  const weighted = { ...request, rowWeights: Float32Array.of(1, 2, 3) };
  expect(capRows(weighted, 2)).toEqual({ ...request, rows: 2, rowWeights: Float32Array.of(2, 3) });
});
