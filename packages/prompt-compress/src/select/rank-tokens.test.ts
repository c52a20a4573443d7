import { readJson } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { indicesOf } from '../tokens/marks.js';
import { fillBudget } from './fill-budget.js';
import { type Pooling, rankTokens } from './rank-tokens.js';

const score = Float64Array.of(
  ...[0.3, 0.02, 0.01, 0.03, 0.05, 0.9, 0.04, 0.06, 0.07, 0.08],
  ...[0.6, 0.09, 0.1, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.17],
);

/** SpecPC's selection on tokens that are whole characters. */
function select(
  values: Float64Array,
  { keep, window, ...pooling }: Pooling & { keep: number; window: number },
): Int32Array {
  const length = values.length;
  const tokens = Array.from(values, (_, token) => ({ from: token, to: token + 1 }));
  const required = new Uint8Array(length).fill(1, length - window);
  return indicesOf(fillBudget(required, rankTokens(values, pooling, tokens), { keep }));
}

describe('rankTokens', () => {
  it.each([
    [8, 3, 1, 0, 'max', [0, 5, 10, 15, 16, 17, 18, 19]],
    [8, 3, 1, 3, 'max', [4, 5, 6, 9, 10, 17, 18, 19]],
    [8, 3, 3, 3, 'max', [3, 4, 5, 6, 7, 17, 18, 19]],
    [8, 3, 3, 3, 'mean', [3, 4, 5, 6, 7, 17, 18, 19]],
    [10, 2, 4, 4, 'mean', [2, 3, 4, 5, 6, 7, 8, 11, 18, 19]],
    [12, 3, 5, 5, 'mean', [2, 3, 4, 5, 6, 7, 8, 9, 12, 17, 18, 19]],
    [10, 2, 4, 4, 'max', [2, 3, 4, 5, 6, 7, 8, 9, 18, 19]],
  ] as const)(
    'keep %i, window %i, kernel %i, neighbours %i, %s pooling',
    (keep, window, kernel, neighbours, pool, expected) => {
      expect([...select(score, { keep, window, kernel, neighbours, pool })]).toEqual(expected);
    },
  );

  it('keeps all where all fits', () => {
    const options = { keep: 25, window: 3, kernel: 3, neighbours: 3, pool: 'max' } as const;
    expect([...select(score, options)]).toEqual([...score.keys()]);
  });

  it.each(['tiny-llama', 'tiny-qwen2'])('keeps what the published formulas keep on %s', (model) => {
    const { settings, lookahead1, lookahead4 } = readJson<Golden>(`models/${model}/golden.json`)
      .prompts.long.policies.specPc;
    const { window, capacity: keep, kernel, neighbour: neighbours } = settings;
    for (const golden of [lookahead1, lookahead4]) {
      const selected = (pool: 'max' | 'mean') => [
        ...select(Float64Array.from(golden.score), { keep, window, kernel, neighbours, pool }),
      ];
      expect(selected('max')).toEqual(golden.maxPool.kept);
      expect(selected('mean')).toEqual(golden.avgPool.kept);
    }
  });

  it('takes the tokens of a character together, or none of them', () => {
    const blocks = [
      { from: 0, to: 1 },
      { from: 1, to: 4 },
      { from: 4, to: 5 },
      { from: 5, to: 6 },
    ];
    const values = Float64Array.of(0.2, 0, 0.9, 0, 0.3, 0.1);
    const ranked = rankTokens(values, { kernel: 1, neighbours: 0, pool: 'max' }, blocks);
    expect(ranked).toEqual([blocks[1], blocks[2], blocks[0], blocks[3]]);
  });
});

interface GoldenSelection {
  score: number[];
  maxPool: { kept: number[] };
  avgPool: { kept: number[] };
}
interface Golden {
  prompts: {
    long: {
      policies: {
        specPc: {
          settings: { window: number; capacity: number; kernel: number; neighbour: number };
          lookahead1: GoldenSelection;
          lookahead4: GoldenSelection;
        };
      };
    };
  };
}
