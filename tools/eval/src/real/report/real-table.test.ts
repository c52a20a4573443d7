import { expect, it } from 'vitest';
import { formatReal } from './real-table.js';
import type { RealAnswer } from './results.js';

const answer = (id: string, method: string, keep: number | null, right: boolean): RealAnswer => ({
  id,
  method,
  keep,
  right,
  text: '',
  tokens: 1000,
  tokensKept: keep ?? 1000,
  ttft: keep ?? 1000,
  evidence: 1,
  run: 'one',
  model: 'm',
  draft: 'd',
});

it('has a table for each length, with plain in each, and breakdowns of what was asked', () => {
  const table = formatReal(
    [
      answer('a', 'plain', null, true),
      answer('b', 'plain', null, true),
      answer('a', 'bm25', 250, true),
      answer('b', 'bm25', 250, false),
      answer('a', 'bm25', 0.5, true),
    ],
    [{ name: 'letter', groups: ['A', 'B', 'C'], groupOf: (id) => id.toUpperCase() }],
  );
  expect(table.match(/^## .*/gm)).toEqual(['## 50 % of the prompt', '## 250 tokens or rows']);
  expect(table).toContain('| bm25 | 2 | 50.0 ± 50.0 | -50.0 ± 50.0 |  |  | 100 | 250 | 4.00 | 0 |');
  expect(table).toContain('| plain | 2 | 100.0 ± 0.0 |  |  |  | 100 | 1000 |  | 0 |');
  expect(table).toContain('Right answers by letter, %:\n\n| method | A | B |');
  expect(table).toContain('| bm25 | 100.0 ± 0.0 | 0.0 ± 0.0 |');
});
