import { readJson } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { keepBest } from '../cut/keep-best.js';
import { h2o } from './h2o.js';
import { observedAttention } from './observed-attention.js';
import { type Golden, layerRows } from './policies.test.support.js';
import { tova } from './tova.js';

const sets = (kept: readonly Uint32Array[]) => kept.map((rows) => [...rows]);

describe.each(['tiny-llama', 'tiny-qwen2'])('on %s', (model) => {
  const { policies } = readJson<Golden>(`models/${model}/golden.json`).prompts.long;

  it('tova keeps what kvpress keeps', () => {
    const { settings, refeed } = policies.tova;
    refeed.kept.forEach((kept, layer) => {
      const scores = Float32Array.from(refeed.scores.values[layer].flat());
      const rows = layerRows({ layer, kvHeads: 2, rows: 80, scores });
      expect(sets(keepBest(tova(), rows, settings.capacity))).toEqual(kept);
    });
  });

  it('observedAttention keeps what kvpress keeps', () => {
    const { settings, refeed } = policies.observedAttention;
    refeed.kept.forEach((kept, layer) => {
      // The stored scores are means over the rows that see the key; the policy gets the sums.
      const sums = refeed.scores.values[layer].flatMap((head) =>
        head.map((mean, row) => mean * (80 - row)),
      );
      const scores = Float32Array.from(sums);
      const rows = layerRows({ layer, kvHeads: 2, rows: 80, scores });
      expect(sets(keepBest(observedAttention(), rows, settings.capacity))).toEqual(kept);
    });
  });
});

it('tova averages over the KV heads, which keep the same rows', () => {
  const scores = Float32Array.of(4, 0, 1, 0, 9, /* second head */ 0, 3, 3, 0, 9);
  const rows = layerRows({ kvHeads: 2, rows: 5, scores });
  expect(sets(keepBest(tova(), rows, 2))).toEqual([
    [0, 2],
    [0, 2],
  ]);
});

it('h2o keeps heavy hitters and the most recent rows', () => {
  const scores = Float32Array.of(1, 9, 2, 8, 3, 0, 0, 5);
  const rows = layerRows({ rows: 8, scores });
  expect(sets(keepBest(h2o(), rows, 4))).toEqual([[1, 3, 5, 6]]);
  expect(sets(keepBest(h2o({ recent: 0 }), rows, 3))).toEqual([[1, 3, 4]]);
  expect(sets(keepBest(h2o({ recent: 1 }), rows, 3))).toEqual([[4, 5, 6]]);
  expect(() => h2o({ recent: 2 })).toThrow("h2o: option 'recent'");
});

it('observedAttention divides by the tokens that see a row, in a later turn at most the new ones', () => {
  const scores = Float32Array.of(2.2, 2, 1.8, 0.9, 0.7);
  const keep = (newRows: number) =>
    sets(keepBest(observedAttention(), layerRows({ rows: 5, newRows, scores }), 2));
  expect(keep(5)).toEqual([[1, 2]]);
  expect(keep(2)).toEqual([[0, 1]]);
});
