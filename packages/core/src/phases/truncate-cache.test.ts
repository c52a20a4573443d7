import { expect, it } from 'vitest';
import { mockDecoder } from '../testing/index.js';
import { truncateCache } from './truncate-cache.js';

const rows = (...indices: number[]) => Uint32Array.from(indices);

it('takes the oldest rows but the first four from heads that are left with more', async () => {
  const decoder = mockDecoder({ layers: 2 });
  const sequence = await decoder.open({ needs: ['kv.edit'] });
  await sequence.forward({ ids: Int32Array.from({ length: 12 }, (_, i) => 40 + i) });
  sequence.edit({
    keep: (_, head) =>
      head === 0 ? rows(0, 1, 2, 3, 4, 5, 6, 11) : rows(0, 1, 2, 3, 8, 9, 10, 11),
  });
  const { cache } = sequence;
  truncateCache(sequence, 10);
  expect(cache.nextPosition).toBe(10);
  expect([...cache.positions(1, 0)]).toEqual([0, 1, 2, 3, 5, 6]);
  expect([...cache.positions(1, 1)]).toEqual([0, 1, 2, 3, 8, 9]);
  truncateCache(sequence, 3);
  expect([...cache.positions(0, 1)]).toEqual([0, 1, 2]);
  sequence.close();
});
