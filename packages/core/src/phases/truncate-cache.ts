import { rowsBefore } from '../checks/kept-rows.js';
import type { Sequence } from '../contract/decoder.js';

/** Attention sinks: what a head loses is taken after them. */
const sinks = 4;

/**
 * Truncates a cache to `position`. If rows were dropped while decoding, KV heads may then hold
 * unequal numbers of rows, which no decoder supports. The fuller heads of a layer then lose their
 * oldest rows, except the first four.
 */
export function truncateCache(sequence: Sequence, position: number): void {
  const { cache } = sequence;
  const layers = Array.from({ length: cache.layers }, (_, layer) => {
    const counts = Array.from({ length: cache.kvHeads }, (__, head) =>
      rowsBefore(cache.positions(layer, head), position),
    );
    return { counts, fewest: Math.min(...counts) };
  });
  if (layers.some(({ counts, fewest }) => counts.some((count) => count > fewest)))
    sequence.edit({
      keep: (layer, head) => {
        const { counts, fewest } = layers[layer];
        const surplus = counts[head] - fewest;
        return Uint32Array.from({ length: fewest }, (_, i) => (i < sinks ? i : i + surplus));
      },
    });
  sequence.edit({ truncate: position });
}
