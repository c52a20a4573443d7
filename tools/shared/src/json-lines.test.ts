import { expect, it } from 'vitest';
import { fromJsonLines, toJsonLines } from './json-lines.js';

const report = {
  model: 'tiny',
  budgets: [1, 2],
  settings: { tokens: 5 },
  rows: [{ method: 'a\n' }, { method: 'b' }],
  pairs: [
    [1, 2],
    [3, 4],
  ],
  none: [],
  left: undefined,
};

it('writes a line for each property, and for each object of a list', () => {
  expect(toJsonLines(report).split('\n')).toEqual([
    '{"model":"tiny"}',
    '{"budgets":[1,2]}',
    '{"settings":{"tokens":5}}',
    '{"rows":{"method":"a\\n"}}',
    '{"rows":{"method":"b"}}',
    '{"pairs":[[1,2],[3,4]]}',
    '{"none":[]}',
    '',
  ]);
  const rounded = (_: string, value: unknown) =>
    typeof value === 'number' ? Math.round(value) : value;
  expect(toJsonLines({ a: [{ b: 1.2 }] }, rounded)).toBe('{"a":{"b":1}}\n');
});

it('reads what it wrote', () => {
  expect(fromJsonLines(toJsonLines(report))).toEqual({
    model: ['tiny'],
    budgets: [[1, 2]],
    settings: [{ tokens: 5 }],
    rows: [{ method: 'a\n' }, { method: 'b' }],
    pairs: [report.pairs],
    none: [[]],
  });
});
