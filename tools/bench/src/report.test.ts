import { expect, it } from 'vitest';
import { isMet, once } from './measure.js';
import { formatTable } from './report.js';

it('prints a row per measurement and says which targets are missed', () => {
  const table = formatTable([
    {
      what: 'decode, ratio',
      unit: 'x',
      value: { median: 0.9312, quartiles: [0.92, 0.94], count: 5 },
      target: { atLeast: 0.9 },
    },
    { what: 'load', unit: 'ms', value: once(1234.5), target: { atMost: 1000 } },
    { what: 'edit', unit: 'ms', value: once(3) },
  ]);
  expect(table.split('\n').slice(2)).toEqual([
    '| decode, ratio | 0.931 x | 0.92 to 0.94 | 5 | at least 0.9: met |',
    '| load | 1235 ms |  | 1 | at most 1000: **missed** |',
    '| edit | 3 ms |  | 1 |  |',
  ]);
});

it('takes a value at the target as met', () => {
  const row = { what: '', unit: '', value: once(2) };
  expect(isMet({ ...row, target: { atLeast: 2 } })).toBe(true);
  expect(isMet({ ...row, target: { atMost: 1.9 } })).toBe(false);
  expect(isMet(row)).toBeUndefined();
});
