import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ScoresRequest } from '../../../contract/evidence/scores.js';
import { ScoreReduction } from './mock-scores.js';

/** Rows of [heads, total] probabilities, row r seeing `total - rows + r + 1` keys. */
function reduce(
  request: ScoresRequest,
  rows: readonly (readonly number[])[],
  heads = 4,
  kvHeads = 2,
) {
  const total = rows[0].length / heads;
  const reduction = new ScoreReduction(request, heads, kvHeads, total);
  rows.forEach((row, index) => {
    const probabilities = Float64Array.from(row);
    reduction.add({ probabilities, stride: total, visible: total - rows.length + index + 1 });
  });
  return [...reduction.result()];
}

test('rows are weighted, then reduced, then the heads of each KV head; a key not yet visible counts 0', () => {
  const rows = [
    [0.5, 0.5, 9, 0.25, 0.75, 9],
    [0.5, 0.25, 0.25, 0, 0.5, 0.5],
  ];
  const rowWeights = Float32Array.of(2, 1);
  const request = { rows: 2, rowWeights, reduceRows: 'sum', reduceHeads: 'none' } as const;
  expect(reduce(request, rows, 2, 1)).toEqual([1.5, 1.25, 0.25, 0.5, 2, 0.5]);
  expect(reduce({ ...request, reduceHeads: 'max' }, rows, 2, 1)).toEqual([1.5, 2, 0.5]);
  expect(reduce({ ...request, reduceHeads: 'sum' }, rows, 2, 1)).toEqual([2, 3.25, 0.75]);
  expect(reduce({ ...request, reduceRows: 'mean', reduceHeads: 'mean' }, rows, 2, 1)).toEqual([
    0.5, 0.8125, 0.1875,
  ]);
  expect(reduce({ ...request, reduceRows: 'max' }, rows, 2, 1)).toEqual([
    1, 1, 0.25, 0.5, 1.5, 0.5,
  ]);
});

test('exchanging the query heads of a KV head changes the scores only where heads are not reduced', () => {
  // Multiples of 1/64: sums are exact in any order.
  const row = fc.array(
    fc.integer({ min: 0, max: 64 }).map((n) => n / 64),
    {
      minLength: 12,
      maxLength: 12,
    },
  );
  const exchange = (values: readonly number[]) => [
    ...values.slice(3, 6),
    ...values.slice(0, 3),
    ...values.slice(9, 12),
    ...values.slice(6, 9),
  ];
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('max', 'mean', 'sum'),
      fc.constantFrom('max', 'mean', 'sum'),
      (rows, reduceRows, reduceHeads) => {
        const request = { rows: rows.length, reduceRows, reduceHeads } as const;
        const exchanged = rows.map(exchange);
        expect(reduce(request, exchanged)).toEqual(reduce(request, rows));
        const every = { ...request, reduceHeads: 'none' } as const;
        expect(reduce(every, exchanged)).toEqual(exchange(reduce(every, rows)));
      },
    ),
  );
});
