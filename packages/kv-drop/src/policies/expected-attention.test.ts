import { InvalidOptionsError, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { keepBest } from '../cut/keep-best.js';
import { kvDrop } from '../kv-drop.js';
import { expectedAttention } from './expected-attention.js';
import { layerRows } from './policies.test.support.js';

const most = Number.POSITIVE_INFINITY;

describe('expectedAttention', () => {
  const scores = Float32Array.of(0.9, 0.1, 0.2, 0.3, 0, /* second head */ 0, 0.5, 0.25, 0.1, 0);
  // Lengths 5, 10, 1, 2, 9 and 1, 1, 4, 0, 1.
  const values = Float32Array.of(
    ...[3, 4, -6, 8, 0, 1, 2, 0, 9, 0],
    ...[1, 0, 0, 1, 0, -4, 0, 0, 1, 0],
  );
  const layer = layerRows({ kvHeads: 2, headDim: 2, rows: 5, scores, values: () => values });

  it('multiplies what a row is expected to get by the length of its value; sinks stay', () => {
    const scored = expectedAttention({ sinks: 1, epsilon: 0 }).score(layer, 2);
    const expected = [
      [most, 1, 0.2, 0.6],
      [most, 0.5, 1, 0],
    ];
    expected.forEach((head, kvHead) => {
      head.forEach((value, row) => {
        expect(scored[kvHead][row]).toBeCloseTo(value, 6);
      });
    });
    expect(
      keepBest(expectedAttention({ sinks: 1, epsilon: 0 }), layer, 2).map((rows) => [...rows]),
    ).toEqual([
      [0, 1],
      [0, 2],
    ]);
  });

  it('lets values count more by epsilon, or not at all', () => {
    const [first] = expectedAttention({ sinks: 0, epsilon: 1 }).score(layer, 2);
    [9.5, 11, 1.2, 2.6].forEach((value, row) => {
      expect(first[row]).toBeCloseTo(value, 5);
    });
    const unread = layerRows({ kvHeads: 2, rows: 5, scores });
    const policy = expectedAttention({ sinks: 0, valueNorm: false });
    expect([...policy.score(unread, 2)[1]]).toEqual([...scores.subarray(5, 9)]);
    expect(policy.requires).toEqual(['scores']);
  });

  it('takes sinks by their position, also where rows were dropped', () => {
    const positions = () => Int32Array.of(0, 7, 8, 9, 10);
    const [scored] = expectedAttention({ sinks: 4 }).score({ ...layer, positions }, 2);
    expect([...scored].map((score) => score === most)).toEqual([true, false, false, false]);
  });

  it('asks with the queries of all tokens but the sinks, or of the last', () => {
    const { scores: asked } = expectedAttention({ queries: 50, future: 9 });
    expect(asked?.(30)).toEqual({
      rows: 26,
      future: 9,
      reduceRows: 'mean',
      reduceHeads: 'mean',
    });
    expect([200, 5, 4, 1].map((rows) => asked?.(rows).rows)).toEqual([50, 1, 1, 1]);
  });

  it('keeps what the scores of the decoder and its values say', async () => {
    const decoder = mockDecoder();
    const tokenizer = mockTokenizer();
    const ids = Int32Array.from({ length: 60 }, (_, i) => 32 + ((i * 37) % 90));
    const sequence = await decoder.open({ needs: ['scores', 'kv.read'] });
    const request = { rows: 56, future: 100, reduceRows: 'mean', reduceHeads: 'mean' } as const;
    const output = await sequence.forward({ ids, want: { scores: { a: request } } });
    const { kvHeads, headDim, layers } = decoder.shape;
    const expected = Array.from({ length: layers }, (_, layer) => {
      const attention = output.scores!.a.get(layer)!;
      const held = sequence.cache.values(layer);
      return Array.from({ length: kvHeads }, (__, kvHead) => {
        const worth = (row: number) => {
          const at = kvHead * 60 + row;
          return attention[at] * Math.hypot(...held.subarray(at * headDim, (at + 1) * headDim));
        };
        const best = Array.from({ length: 55 }, (___, i) => 4 + i)
          .sort((a, b) => worth(b) - worth(a))
          .slice(0, 16);
        return [0, 1, 2, 3, ...best.sort((a, b) => a - b)];
      });
    });
    const kept: number[][][] = [];
    await pipeline(decoder, { tokenizer })
      .use(kvDrop({ policy: expectedAttention({ future: 100, epsilon: 0 }), budget: 20 }))
      .use({
        specificationVersion: 'v1',
        name: 'watch-cache',
        requires: [],
        create: () => ({
          editCache(view, _last, { phase }) {
            if (phase === 'decode' && kept.length === 0)
              for (let layer = 0; layer < layers; layer++)
                kept.push(
                  Array.from({ length: kvHeads }, (_, kvHead) =>
                    [...view.positions(layer, kvHead)].slice(0, 20),
                  ),
                );
            return undefined;
          },
        }),
      })
      .generate({ ids }, { maxNewTokens: 2 });
    expect(kept).toEqual(expected);
  });

  it('refuses wrong options', () => {
    expect(() => expectedAttention({ future: 0 })).toThrow(InvalidOptionsError);
    expect(() => expectedAttention({ epsilon: -1 })).toThrow("expectedAttention: option 'epsilon'");
    // @ts-expect-error: no such option
    expect(() => expectedAttention({ window: 8 })).toThrow('Unrecognized key');
  });
});
