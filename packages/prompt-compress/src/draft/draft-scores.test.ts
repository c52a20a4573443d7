import { LogitsError, PliantError, type Sequence } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { draftScores, type Scoring } from './draft-scores.js';

const signal = new AbortController().signal;
const weighted = Float32Array.of(0, 0.5, 1);
const shape = { ...mockDecoder().shape, heads: 2, kvHeads: 2 };
const scoring: Scoring = {
  draft: { id: 'scripted', shape },
  rowWeights: weighted,
  layers: [1],
  reduction: 'max',
  lookahead: 1,
  endOfText: new Set(),
};

/**
 * [query head][row][column] of each forward; in layer 1 of a draft whose heads all read their own
 * KV head.
 */
const promptAttention = [
  [
    [0.6, 0.2, 0.2, 0, 0],
    [0.5, 0.1, 0.1, 0.3, 0],
    [0.4, 0.1, 0.2, 0.1, 0.2],
  ],
  [
    [0.1, 0.7, 0.2, 0, 0],
    [0.1, 0.2, 0.6, 0.1, 0],
    [0.05, 0.15, 0.3, 0.3, 0.2],
  ],
];
const draftAttention = [[[0.2, 0.05, 0.05, 0.5, 0.1, 0.1]], [[0.1, 0.1, 0.1, 0.1, 0.1, 0.5]]];

/** A sequence whose forwards answer with the given attention, reduced over rows as asked. */
function scripted(...forwards: number[][][][]): Sequence {
  const unused = () => {
    throw new Error('not used by scoring');
  };
  const cache = { layers: 2, kvHeads: 2, nextPosition: 0, nextRotaryPosition: 0, bytes: 0 };
  return {
    cache: { ...cache, rows: unused, positions: unused, keys: unused, values: unused },
    async forward({ want }) {
      const heads = forwards.shift()!;
      const [[name, request]] = Object.entries(want!.scores!);
      expect(request.rows).toBe(heads[0].length);
      expect(request.layers).toEqual([1]);
      const reduced = heads.flatMap((rows) =>
        rows[0].map((_, column) => {
          const values = rows.map((row, t) => row[column] * (request.rowWeights?.[t] ?? 1));
          return request.reduceRows === 'max'
            ? Math.max(...values)
            : values.reduce((a, b) => a + b);
        }),
      );
      return {
        logits: Float32Array.of(0, 1),
        scores: { [name]: new Map([[1, Float32Array.from(reduced)]]) },
      };
    },
    edit: unused,
    fork: unused,
    close: unused,
  };
}

it('attention and logits that are no numbers are refused, with the name of the draft', async () => {
  const ids = new Int32Array(5);
  for (const reduction of ['max', 'sum'] as const) {
    const spoilt = structuredClone(promptAttention);
    spoilt[0][0][1] = Number.NaN;
    const scores = draftScores(scripted(spoilt), ids, { ...scoring, reduction }, signal);
    await expect(scores).rejects.toThrow(PliantError);
    await expect(scores).rejects.toThrow("draft 'scripted' gave attention that is NaN");
  }
  const sequence = scripted(promptAttention);
  const { forward } = sequence;
  sequence.forward = async (input) => {
    const output = await forward.call(sequence, input);
    return { ...output, logits: Float32Array.of(0, Number.NaN) };
  };
  const written = draftScores(sequence, ids, { ...scoring, lookahead: 3 }, signal);
  await expect(written).rejects.toThrow(LogitsError);
  await expect(written).rejects.toThrow("'scripted'");
});

describe('draftScores', () => {
  it.each([
    ['max', true, 1, [0.4, 0.15, 0.3, 0.3, 0.2]],
    ['max', true, 2, [0.4, 0.15, 0.3, 0.5, 0.2]],
    ['max', false, 1, [0.6, 0.7, 0.6, 0.3, 0.2]],
    ['max', false, 2, [0.6, 0.7, 0.6, 0.5, 0.2]],
    ['sum', true, 1, [0.75, 0.4, 0.85, 0.6, 0.4]],
    ['sum', true, 2, [1.05, 0.55, 1.0, 1.2, 0.6]],
  ] as const)(
    '%s, weighted %s, look-ahead %i',
    async (reduction, isWeighted, lookahead, expected) => {
      const rowWeights = isWeighted ? weighted : Float32Array.of(1, 1, 1);
      const options = { ...scoring, reduction, rowWeights, lookahead };
      const sequence = scripted(promptAttention, draftAttention);
      const { score } = await draftScores(sequence, new Int32Array(5), options, signal);
      expect(score.length).toBe(5);
      expected.forEach((value, i) => {
        expect(score[i]).toBeCloseTo(value, 6);
      });
    },
  );

  it('stops drafting at an end of text, which is written but not read again', async () => {
    const options = { ...scoring, lookahead: 5, endOfText: new Set([1]) };
    const { score, written } = await draftScores(
      scripted(promptAttention),
      new Int32Array(5),
      options,
      signal,
    );
    expect(score[3]).toBeCloseTo(0.3, 6);
    expect(written).toEqual([1]);
  });

  it('takes the heads that were chosen alone', async () => {
    const heads = new Map([[1, [1]]]);
    const { score } = await draftScores(
      scripted(promptAttention),
      new Int32Array(5),
      { ...scoring, heads },
      signal,
    );
    [0.05, 0.15, 0.3, 0.3, 0.2].forEach((value, i) => {
      expect(score[i]).toBeCloseTo(value, 6);
    });
  });

  it('reads a long prompt in chunks, with the scores of one forward', async () => {
    const decoder = mockDecoder();
    const ids = mockTokenizer().encode(
      'It was a dark and stormy night; the rain fell in torrents. '.repeat(20),
    );
    const rowWeights = Float32Array.from({ length: 8 }, (_, t) => t / 7);
    const options = { ...scoring, draft: decoder, rowWeights, layers: [1, 2, 3] };
    const inChunks = await decoder.open({ needs: ['scores'] });
    const { score } = await draftScores(inChunks, ids, options, signal);
    const lengths = decoder.calls.map((call) => call.ids.length);
    expect(lengths.length).toBeGreaterThan(1);
    expect(lengths.at(-1)).toBeGreaterThanOrEqual(8);
    expect(lengths.reduce((a, b) => a + b)).toBe(ids.length);

    const atOnce = await decoder.open({ needs: ['scores'] });
    const { scores } = await atOnce.forward({
      ids,
      want: {
        logits: 'none',
        scores: {
          all: {
            rows: 8,
            layers: [1, 2, 3],
            rowWeights,
            reduceRows: 'max',
            reduceHeads: 'none',
          },
        },
      },
    });
    const heads = [...scores!.all.values()];
    const expected = Array.from(ids, (_, token) =>
      Math.max(...heads.flatMap((head) => [0, 1, 2, 3].map((h) => head[h * ids.length + token]))),
    );
    expect([...score]).toEqual(expected);
  });

  it('stops between chunks when aborted', async () => {
    const decoder = mockDecoder();
    const abort = new AbortController();
    const sequence = await decoder.open({ needs: ['scores'] });
    const scores = draftScores(sequence, new Int32Array(2000), scoring, abort.signal);
    abort.abort(new Error('enough'));
    await expect(scores).rejects.toThrow('enough');
    expect(decoder.calls.length).toBe(1);
  });
});
