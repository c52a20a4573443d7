import { expect, it } from 'vitest';
import type { RealAnswer } from './results.js';
import { summariseReal } from './summarise-real.js';

const answer = (id: string, method: string, right: boolean, more: Partial<RealAnswer> = {}) => ({
  id,
  method,
  keep: method === 'plain' ? null : 256,
  right,
  text: '',
  run: 'one',
  model: 'm',
  draft: 'd',
  ...more,
});

it('compares methods question by question', () => {
  const answers = [
    answer('1', 'plain', true, { ttft: 100 }),
    answer('2', 'plain', true, { ttft: 200 }),
    answer('3', 'plain', false, { ttft: 300, run: 'two' }),
    answer('1', 'bm25', true, { ttft: 50, evidence: 1, tokensKept: 250 }),
    answer('2', 'bm25', false, { ttft: 50, evidence: 0, tokensKept: 240 }),
    answer('3', 'bm25', false, { ttft: 50 }),
    answer('3', 'random', true, { error: 'x' }),
  ];
  const [plain, bm25, random] = summariseReal(answers, ['plain', 'random', 'tokens']);
  expect(plain.right.mean).toBeCloseTo(2 / 3);
  expect(plain.speedup).toBeUndefined();
  expect(bm25.questions).toBe(3);
  expect(bm25.less.plain!.mean).toBeCloseTo(-1 / 3);
  // 0, -1, 0: standard deviation sqrt(1/3), over sqrt(3)
  expect(bm25.less.plain!.standardError).toBeCloseTo(1 / 3);
  // Only question 3 is shared.
  expect(bm25.less.random).toEqual({ mean: -1, standardError: 0 });
  expect(bm25.less.tokens).toBeUndefined();
  // 2 and 4; question 3 was measured by another process.
  expect(bm25.speedup).toBe(3);
  expect(bm25).toMatchObject({ evidence: 0.5, tokensKept: 245, errors: 0 });
  expect(random.errors).toBe(1);
});

it('keeps lengths apart', () => {
  const rows = summariseReal(
    [
      answer('1', 'bm25', true),
      answer('1', 'bm25', false, { keep: 0.5 }),
      answer('1', 'tokens', false, { keep: 0.5 }),
    ],
    ['tokens'],
  );
  expect(rows.map(({ keep, right }) => [keep, right.mean])).toEqual([
    [256, 1],
    [0.5, 0],
    [0.5, 0],
  ]);
  expect(rows.map(({ less }) => less.tokens?.mean)).toEqual([undefined, 0, undefined]);
});
