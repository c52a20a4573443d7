import { describe, expect, test } from 'vitest';
import { allCapabilities } from '../../../contract/capability.js';
import { mockDecoder } from '../mock-decoder.js';
import { ExpectedScores } from './mock-expected-scores.js';

const ids = Int32Array.from({ length: 30 }, (_, i) => 32 + ((i * 37) % 90));
const decoder = mockDecoder();
const { heads, kvHeads, headDim, maxPositions } = decoder.shape;
const request = { rows: 12, future: 40, reduceRows: 'mean', reduceHeads: 'none' } as const;

describe('the formula of the paper', () => {
  // A cache of one layer with keys that are told here, and queries so large that mean and
  // covariance both matter.
  const total = 7;
  const wave = (i: number, j: number) => Math.sin(1.3 * i + 0.7 * j * j);
  const keys = Float32Array.from({ length: kvHeads * total * headDim }, (_, i) => wave(i, 1));
  const queries = Array.from({ length: 5 }, (_, row) =>
    Float64Array.from({ length: heads * headDim }, (__, i) => 0.4 + wave(i, row + 2)),
  );
  const cacheAt = (nextRotaryPosition: number) => ({
    nextRotaryPosition,
    rows: () => total,
    buffers: () => ({ keys, values: keys, capacity: total }),
  });

  /** softmax(mu k / sqrt(d) + k Sigma k / 2d), with the matrices written out. */
  function expected(positions: readonly number[]): number[] {
    const half = headDim / 2;
    const rotation = Array.from({ length: headDim }, (_, row) =>
      Array.from({ length: headDim }, (__, column) => {
        const pair = column % half;
        if (row % half !== pair) return 0;
        const angles = positions.map((position) => position * 10_000 ** (-pair / half));
        const average = (of: (angle: number) => number) =>
          angles.map(of).reduce((a, b) => a + b) / angles.length;
        if (row === column) return average(Math.cos);
        return row < half ? -average(Math.sin) : average(Math.sin);
      }),
    );
    const apply = (matrix: number[][], vector: number[]) =>
      matrix.map((row) => row.reduce((sum, value, i) => sum + value * vector[i], 0));
    return Array.from({ length: heads }, (_, head) => {
      const own = queries.map((query) => [...query.subarray(head * headDim, (head + 1) * headDim)]);
      const mu = own[0].map((__, i) => own.reduce((sum, query) => sum + query[i], 0) / own.length);
      const covariance = mu.map((__, i) =>
        mu.map(
          (___, j) =>
            own.reduce((sum, query) => sum + (query[i] - mu[i]) * (query[j] - mu[j]), 0) /
            own.length,
        ),
      );
      const half1 = covariance.map((row) => apply(rotation, row));
      const columns = mu.map((__, j) =>
        apply(
          rotation,
          half1.map((row) => row[j]),
        ),
      );
      const turnedMu = apply(rotation, mu);
      const kvHead = Math.floor((head * kvHeads) / heads);
      const logits = Array.from({ length: total }, (__, t) => {
        const at = (kvHead * total + t) * headDim;
        const key = [...keys.subarray(at, at + headDim)];
        const dot = (a: number[]) => a.reduce((sum, value, i) => sum + value * key[i], 0);
        return dot(turnedMu) / Math.sqrt(headDim) + dot(apply(columns, key)) / headDim / 2;
      });
      const weights = logits.map(Math.exp);
      const sum = weights.reduce((a, b) => a + b);
      return weights.map((weight) => weight / sum);
    }).flat();
  }

  test.each([
    ['follow the last row', 20, 3, [20, 21, 22]],
    ['end where the context ends', maxPositions - 2, 50, [maxPositions - 2, maxPositions - 1]],
  ])('over positions that %s', (_, next, future, positions) => {
    const scores = new ExpectedScores({ ...request, future }, decoder.shape, cacheAt(next), 0);
    for (const query of queries) scores.add({ query });
    const found = scores.result();
    expected(positions).forEach((value, i) => {
      expect(found[i]).toBeCloseTo(value, 6);
    });
  });
});

test('heads are reduced after the softmax, and every cached row has a score', async () => {
  const sequence = await decoder.open({ needs: allCapabilities });
  await sequence.forward({ ids });
  const { scores } = await sequence.forward({
    ids: ids.subarray(0, 15),
    want: {
      scores: { heads: request, mean: { ...request, reduceHeads: 'mean', layers: [1] } },
    },
  });
  const byHead = scores!.heads.get(1)!;
  const mean = scores!.mean.get(1)!;
  expect([...scores!.mean.keys()]).toEqual([1]);
  expect([byHead.length, mean.length]).toEqual([heads * 45, kvHeads * 45]);
  const group = heads / kvHeads;
  mean.forEach((value, i) => {
    const [kvHead, row] = [Math.floor(i / 45), i % 45];
    let sum = 0;
    for (let head = 0; head < group; head++) sum += byHead[(kvHead * group + head) * 45 + row];
    expect(value).toBeCloseTo(sum / group, 6);
  });
  for (let head = 0; head < heads; head++)
    expect(byHead.subarray(head * 45, (head + 1) * 45).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
});

test('of one row and one position it is the attention that the row would pay there', async () => {
  // The same token at the next position attends alike but for the row of its own that it sees.
  const read = async (
    want: Parameters<Awaited<ReturnType<typeof decoder.open>>['forward']>[0]['want'],
  ) => {
    const sequence = await decoder.open({ needs: allCapabilities });
    await sequence.forward({ ids });
    return (await sequence.forward({ ids: ids.subarray(0, 1), want })).scores!.a.get(0)!;
  };
  const one = { rows: 1, reduceRows: 'mean', reduceHeads: 'none' } as const;
  const expectedAttention = await read({ scores: { a: { ...one, future: 1 } } });
  const sequence = await decoder.open({ needs: allCapabilities });
  await sequence.forward({ ids });
  await sequence.forward({ ids: ids.subarray(0, 1) });
  const next = await sequence.forward({ ids: ids.subarray(0, 1), want: { scores: { a: one } } });
  const observed = next.scores!.a.get(0)!;
  for (let head = 0; head < heads; head++) {
    const seen = observed.subarray(head * 32, head * 32 + 31);
    const rest = seen.reduce((a, b) => a + b);
    seen.forEach((value, row) => {
      expect(expectedAttention[head * 31 + row]).toBeCloseTo(value / rest, 6);
    });
  }
});
