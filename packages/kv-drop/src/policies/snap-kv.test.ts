import { InvalidOptionsError } from '@pliant/core';
import { readJson } from '@pliant/fixtures';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepBest } from '../cut/keep-best.js';
import { stableTopK } from '../cut/top-k.js';
import { averagePool } from '../scoring/pool.js';
import { poolBeforeWindow } from '../scoring/pool-before-window.js';
import { type Golden, layerRows } from './policies.test.support.js';
import { snapKV } from './snap-kv.js';

describe('snapKV', () => {
  it('scores by the pooled mean attention of the window', () => {
    // One head of one dimension: every query is 1 and key j is ln c[j], so that attention is c[j]
    // over the sum of the visible c.
    const c = [1, 2, 8, 1, 4, 1, 3, 1, 1, 2];
    const window = 2;
    const mean = Float32Array.from(c.slice(0, -window), (value) => (value / 22 + value / 24) / 2);
    const expectedMean = [
      0.043561, 0.087121, 0.348485, 0.043561, 0.174242, 0.043561, 0.130682, 0.043561,
    ];
    const expected = [
      0.043561, 0.159722, 0.159722, 0.188763, 0.087121, 0.116162, 0.072601, 0.058081,
    ];
    const pooled = averagePool(mean, 3);
    expected.forEach((value, i) => {
      expect(mean[i]).toBeCloseTo(expectedMean[i], 6);
      expect(pooled[i]).toBeCloseTo(value, 6);
    });
    // kvpress keeps 1, 2, 3, 8, 9; row 9 is the last prompt token, which is fed again here and not
    // among the kept rows.
    const scores = Float32Array.from([...mean, 0, 0]);
    const ranked = poolBeforeWindow(scores, 9, window, 3, averagePool);
    expect([...stableTopK(ranked, 4)]).toEqual([1, 2, 3, 8]);
  });

  it.each(['tiny-llama', 'tiny-qwen2'])('keeps what kvpress keeps on %s', (model) => {
    const { settings, refeed } = readJson<Golden>(`models/${model}/golden.json`).prompts.long
      .policies.snapKv;
    refeed.kept.forEach((heads, layer) => {
      heads.forEach((kept, kvHead) => {
        // The stored scores are pooled already, hence kernel 1.
        const scores = Float32Array.from(refeed.scores.values[layer][kvHead]);
        const ranked = poolBeforeWindow(scores, 79, settings.window, 1, averagePool);
        expect([...stableTopK(ranked, settings.capacity)]).toEqual(kept);
      });
    });
  });

  it('keeps the window whole and the best of the rest, for every budget', () => {
    const scores = fc.array(fc.float({ min: 0, max: 1, noNaN: true }), {
      minLength: 4,
      maxLength: 60,
    });
    fc.assert(
      fc.property(scores, fc.nat(), fc.nat(), (values, a, b) => {
        const candidates = values.length - 1;
        const window = 1 + (a % (candidates - 1));
        const budget = window + 1 + (b % (candidates - window));
        const ranked = poolBeforeWindow(
          Float32Array.from(values),
          candidates,
          window,
          1,
          averagePool,
        );
        const kept = stableTopK(ranked, budget);
        expect(kept.length).toBe(budget);
        expect([...kept]).toEqual([...new Set(kept)].sort((x, y) => x - y));
        const windowStart = candidates + 1 - window;
        for (let row = windowStart; row < candidates; row++) expect(kept).toContain(row);
        const before = values.slice(0, windowStart).map(Math.fround);
        const dropped = before.filter((_, row) => !kept.includes(row));
        const worstKept = Math.min(...before.filter((_, row) => kept.includes(row)));
        for (const score of dropped) expect(score).toBeLessThanOrEqual(worstKept);
      }),
    );
  });

  it('reads each KV head from its own scores', () => {
    const scores = Float32Array.of(9, 0, 0, 0, 0, /* second head */ 0, 0, 9, 0, 0);
    const layer = layerRows({ kvHeads: 2, rows: 5, scores });
    const kept = keepBest(snapKV({ window: 1, kernel: 1 }), layer, 1);
    expect(kept.map((head) => [...head])).toEqual([[0], [2]]);
  });

  it('asks for the mean over the window, or over a shorter turn', () => {
    expect(snapKV({ window: 8 }).scores?.(80)).toEqual({
      rows: 8,
      reduceRows: 'mean',
      reduceHeads: 'mean',
    });
    expect(snapKV({ window: 8 }).scores?.(3).rows).toBe(3);
  });

  it('refuses wrong options', () => {
    expect(() => snapKV({ kernel: 4 })).toThrow("snapKV: option 'kernel': must be odd");
    expect(() => snapKV({ window: 0 })).toThrow(InvalidOptionsError);
  });
});
