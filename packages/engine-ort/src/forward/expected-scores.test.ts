import type { ScoresRequest, Sequence } from '@pliant/core';
import { describe, expect, it } from 'vitest';
import { readGolden, runtimes, sharedTiny, tinyModels } from '../goldens.test.support.js';

const request = { rows: 1, reduceRows: 'mean', reduceHeads: 'none', layers: [0] } as const;
/**
 * In layer 0 of tiny-gemma3 a sliding window narrows the observed scores, and not the expected
 * ones.
 */
const unwindowed = tinyModels.filter((model) => model !== 'tiny-gemma3');
const one = (id: number) => Int32Array.of(id);

async function scoresOf(
  sequence: Sequence,
  ids: Int32Array,
  a: ScoresRequest,
): Promise<Float32Array> {
  const { scores } = await sequence.forward({ ids, want: { logits: 'none', scores: { a } } });
  return scores!.a.get(a.layers?.[0] ?? 0)!;
}

describe.each(runtimes)('%s runtime', (runtime) => {
  it.each([
    ...unwindowed.map((model) => [model, 'as read'] as const),
    ['tiny-llama', 'numbered anew'] as const,
  ])('%s, %s: one row is expected to pay what it pays at the next position', async (model, how) => {
    const ids = Int32Array.from(readGolden(model).prompts.short.ids);
    const decoder = await sharedTiny(model, { runtime });
    const { heads } = decoder.shape;
    const open = async () => {
      const editing = how === 'numbered anew' ? (['kv.edit', 'positions.renumber'] as const) : [];
      const sequence = await decoder.open({ needs: ['scores', ...editing] });
      await sequence.forward({ ids, want: { logits: 'none' } });
      const half = Uint32Array.from({ length: ids.length >> 1 }, (_, i) => 2 * i);
      if (how === 'numbered anew') sequence.edit({ keep: () => half, renumber: true });
      return sequence;
    };
    // Both forwards end with the same token; in layer 0 its query depends on nothing else.
    const expecting = await open();
    const expected = await scoresOf(expecting, one(7), { ...request, future: 1 });
    const observing = await open();
    await observing.forward({ ids: one(7), want: { logits: 'none' } });
    const observed = await scoresOf(observing, one(7), request);
    const rows = expecting.cache.rows(0);
    for (let head = 0; head < heads; head++) {
      const seen = observed.subarray(head * (rows + 1), head * (rows + 1) + rows);
      const sum = seen.reduce((a, b) => a + b);
      seen.forEach((value, row) => {
        expect(Math.abs(expected[head * rows + row] - value / sum)).toBeLessThan(1e-5);
      });
    }
  });

  it('the positions end with the context', async () => {
    const decoder = await sharedTiny('tiny-llama', { runtime });
    const { maxPositions, kvHeads } = decoder.shape;
    const sequence = await decoder.open({ needs: ['scores'] });
    const ids = new Int32Array(maxPositions).fill(7);
    const rows = { ...request, rows: 20, reduceHeads: 'mean' } as const;
    const all = await scoresOf(sequence, ids, { ...rows, future: 512 });
    expect(all.length).toBe(kvHeads * maxPositions);
    expect(all.every(Number.isFinite)).toBe(true);
  });
});
