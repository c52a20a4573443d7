import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planChunks } from './prefill-chunks.js';

test.each([
  [2048, 512, 1, [512, 1024, 1536, 2048]],
  [1030, 512, 1, [343, 686, 1030]],
  [10, 512, 33, [10]],
  [600, 512, 550, [50, 600]],
  [1, 1, 1, [1]],
])('%i tokens in chunks of %i with at least %i at the end', (total, size, last, ends) => {
  expect(planChunks(total, size, last)).toEqual(ends);
});

test('chunks are within the size, but for a last one that must be longer', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 600 }),
      fc.integer({ min: 1, max: 700 }),
      (total, size, last) => {
        const ends = planChunks(total, size, last);
        const lengths = ends.map((end, i) => end - (ends[i - 1] ?? 0));
        expect(ends.at(-1)).toBe(total);
        expect(lengths.at(-1)).toBeGreaterThanOrEqual(Math.min(last, total));
        expect(lengths.at(-1)).toBeLessThanOrEqual(Math.max(last, size));
        for (const length of lengths.slice(0, -1)) {
          expect(length).toBeGreaterThan(0);
          expect(length).toBeLessThanOrEqual(size);
        }
      },
    ),
  );
});
