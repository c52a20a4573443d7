import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapScores } from './map-scores.js';

// 'a😀b' is the bytes 61, f0 9f 98 80, 62.
const target = Int32Array.of(1, 3, 5, 6); // a | f0 9f | 98 80 | b
const draft = Int32Array.of(2, 5, 6); // a f0 | 9f 98 80 | b

describe('mapScores', () => {
  it('gives a token the maximum or the sum over the tokens that share a byte with it', () => {
    const score = Float64Array.of(0.5, 0.25, 0.125);
    expect([...mapScores(score, draft, target, 'max')]).toEqual([0.5, 0.5, 0.25, 0.125]);
    expect([...mapScores(score, draft, target, 'sum')]).toEqual([0.5, 0.75, 0.25, 0.125]);
    const back = Float64Array.of(0.5, 0.25, 0.75, 0.125);
    expect([...mapScores(back, target, draft, 'max')]).toEqual([0.5, 0.75, 0.125]);
    expect([...mapScores(back, target, draft, 'sum')]).toEqual([0.75, 1, 0.125]);
  });

  it('changes nothing between equal tokens, and gives tokens without bytes 0', () => {
    const score = Float64Array.of(0.5, 0.25, 0.75, 0.125);
    expect(mapScores(score, target, target, 'max')).toEqual(score);
    expect(mapScores(score, target, target, 'sum')).toEqual(score);
    const withEmpty = Int32Array.of(1, 1, 6);
    expect([...mapScores(score, target, withEmpty, 'max')]).toEqual([0.5, 0, 0.75]);
  });

  it('is the maximum over shared bytes, whatever the borders', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(cuts, cuts, fc.infiniteStream(fc.nat(9)), (widths, others, scores) => {
        const total = Math.min(sum(widths), sum(others));
        const [ends, draftEnds] = [endsUpTo(widths, total), endsUpTo(others, total)];
        const score = Float64Array.from(draftEnds, () => scores.next().value ?? 0);
        const byteScores = Array.from({ length: total }, (_, byte) =>
          Math.max(score[draftEnds.findIndex((end) => byte < end)]),
        );
        mapScores(score, draftEnds, ends, 'max').forEach((value, token) => {
          const from = token === 0 ? 0 : ends[token - 1];
          expect(value).toBe(Math.max(...byteScores.slice(from, ends[token])));
        });
      }),
      { seed: 4 },
    );
  });
});

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b);

function endsUpTo(widths: readonly number[], total: number): Int32Array {
  let end = 0;
  const ends: number[] = [];
  for (const width of widths) {
    if (end >= total) break;
    end = Math.min(end + width, total);
    ends.push(end);
  }
  return Int32Array.from(ends);
}
