import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CacheView } from '../contract/cache.js';
import { combineEdits } from './cache-edits.js';

const phase = { name: 'editCache', step: 0 };
const rows = (...indices: number[]) => Uint32Array.from(indices);

/**
 * A view whose positions are twice the row index, so that rows and positions cannot be mixed up.
 */
function view(layerRows: number[], kvHeads = 2): CacheView {
  return {
    layers: layerRows.length,
    kvHeads,
    nextPosition: 2 * Math.max(...layerRows),
    nextRotaryPosition: 2 * Math.max(...layerRows),
    rows: (layer) => layerRows[layer],
    positions: (layer) => Int32Array.from({ length: layerRows[layer] }, (_, row) => 2 * row),
    keys: () => new Float32Array(),
    values: () => new Float32Array(),
    bytes: 0,
  };
}

const named = (middleware: string, ...heads: Uint32Array[]) => ({
  middleware,
  edit: { keep: (_: number, head: number) => heads[head] },
});

test('kept sets are intersected', () => {
  const edits = [
    named('a', rows(0, 1, 4), rows(0, 1, 4)),
    named('b', rows(1, 3, 4), rows(1, 3, 4)),
  ];
  const { keep } = combineEdits(view([5]), edits, phase);
  expect([...keep(0, 0)]).toEqual([1, 4]);
});

test('a head left with fewer rows gets its newest lost ones back', () => {
  const edits = [
    named('a', rows(0, 1, 2), rows(0, 1, 2)),
    named('b', rows(0, 1, 3), rows(2, 3, 4)),
  ];
  const { keep } = combineEdits(view([5]), edits, phase);
  expect([...keep(0, 0)]).toEqual([0, 1]);
  expect([...keep(0, 1)]).toEqual([2, 4]);
});

test('protected rows win', () => {
  const edits = [
    { middleware: 'a', edit: { keep: () => rows(3, 4), protect: () => rows(0) } },
    named('b', rows(4), rows(4)),
  ];
  expect([...combineEdits(view([5]), edits, phase).keep(0, 1)]).toEqual([0, 4]);
});

test('rows from a position on go, and are not given back', () => {
  const edits = [named('a', rows(0, 3, 4), rows(0, 1, 2))];
  const { keep } = combineEdits(view([5]), edits, phase, 6);
  expect([...keep(0, 1)]).toEqual([0, 1, 2]);
  expect([...keep(0, 0)]).toEqual([0, 1, 2]);
});

test.each([
  [named('a', rows(5), rows(5)), "middleware 'a', editCache, step 0: keep(0, 0): row 5 of 5"],
  [named('a', rows(2, 1), rows(1, 2)), 'rows must ascend'],
  [named('a', rows(1), rows(1, 2)), '2 rows, where KV head 0 keeps 1'],
  [{ middleware: 'a', edit: { keep: () => rows(1), protect: () => rows(7) } }, 'protects row 7'],
])('a wrong edit is refused %#', (edit, message) => {
  expect(() => combineEdits(view([5]), [edit], phase)).toThrow(message);
});

test('whatever is kept, the heads of a layer hold equally many, ascending, existing rows', () => {
  const subset = fc
    .uniqueArray(fc.nat(11), { minLength: 1, maxLength: 12 })
    .map((set) => set.sort((a, b) => a - b));
  fc.assert(
    fc.property(
      subset,
      subset,
      subset,
      subset,
      fc.integer({ min: 0, max: 30 }),
      (a, b, c, d, before) => {
        const same = (one: number[], other: number[]) => {
          const length = Math.min(one.length, other.length);
          return [one, other].map((set) => rows(...set.slice(0, length)));
        };
        const edits = [named('x', ...same(a, b)), named('y', ...same(c, d))];
        const { keep } = combineEdits(view([12]), edits, phase, before);
        expect(keep(0, 0).length).toBe(keep(0, 1).length);
        for (const head of [0, 1]) {
          const kept = [...keep(0, head)];
          expect(kept).toEqual([...new Set(kept)].sort((p, q) => p - q));
          for (const row of kept) expect(2 * row).toBeLessThan(before);
        }
      },
    ),
  );
});
