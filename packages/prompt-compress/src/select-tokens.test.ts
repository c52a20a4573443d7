import { readJson } from '@pliant/fixtures';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requiredTokens, selectTokens } from './select-tokens.js';

const score = Float64Array.of(
  ...[0.3, 0.02, 0.01, 0.03, 0.05, 0.9, 0.04, 0.06, 0.07, 0.08],
  ...[0.6, 0.09, 0.1, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.17],
);

describe('selectTokens', () => {
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
      const required = requiredTokens(20, window, []);
      const kept = selectTokens(score, { keep, kernel, neighbours, pool }, required);
      expect([...kept]).toEqual(expected);
    },
  );

  it.each(['tiny-llama', 'tiny-qwen2'])('keeps what the published formulas keep on %s', (model) => {
    const { settings, lookahead1, lookahead4 } = readJson<Golden>(`models/${model}/golden.json`)
      .prompts.long.policies.specPc;
    const { window, capacity: keep, kernel, neighbour: neighbours } = settings;
    for (const golden of [lookahead1, lookahead4]) {
      const length = golden.score.length;
      const select = (pool: 'max' | 'mean') =>
        selectTokens(
          Float64Array.from(golden.score),
          { keep, kernel, neighbours, pool },
          requiredTokens(length, window, []),
        );
      expect([...select('max')]).toEqual(golden.maxPool.kept);
      expect([...select('mean')]).toEqual(golden.avgPool.kept);
    }
  });

  it('keeps as many as asked for, each once and ascending, required ones always', () => {
    const prompts = fc.record({
      values: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 60 }),
      seed: fc.nat(),
      kernel: fc.integer({ min: 1, max: 9 }),
      neighbours: fc.integer({ min: 0, max: 9 }),
      pool: fc.constantFrom('max' as const, 'mean' as const),
    });
    fc.assert(
      fc.property(prompts, ({ values, seed, ...options }) => {
        const length = values.length;
        const keep = 1 + (seed % (length - 1));
        const window = 1 + (seed % keep);
        const from = seed % length;
        const to = Math.min(from + keep - window, length);
        const required = requiredTokens(length, window, [
          { from, to, role: 'system', keep: 'always' },
        ]);
        const kept = selectTokens(Float64Array.from(values), { ...options, keep }, required);
        expect(kept.length).toBe(keep);
        kept.forEach((token, i) => {
          expect(token).toBeGreaterThan(i === 0 ? -1 : kept[i - 1]);
        });
        required.forEach((mark, token) => {
          if (mark) expect(kept).toContain(token);
        });
      }),
    );
  });
});

describe('requiredTokens', () => {
  it('marks the window and the spans that always stay, overlaps once', () => {
    const spans = [
      { from: 0, to: 2, role: 'system', keep: 'always' },
      { from: 2, to: 5, role: 'user', keep: 'may-drop' },
      { from: 5, to: 7, role: 'user', keep: 'always' },
    ] as const;
    expect([...requiredTokens(8, 2, spans)]).toEqual([1, 1, 0, 0, 0, 1, 1, 1]);
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
