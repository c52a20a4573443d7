import type { ScoresRequest } from '../../../contract/evidence/scores.js';

/**
 * Over the query heads of each KV head.
 * @param byHead [heads, total]
 * @returns [kvHeads, total], or [heads, total] with `'none'`
 */
export function reduceHeads(
  byHead: Float64Array,
  how: ScoresRequest['reduceHeads'],
  heads: number,
  kvHeads: number,
): Float32Array {
  if (how === 'none') return Float32Array.from(byHead);
  const total = byHead.length / heads;
  const group = heads / kvHeads;
  const result = new Float32Array(kvHeads * total);
  for (let kvHead = 0; kvHead < kvHeads; kvHead++)
    for (let t = 0; t < total; t++) {
      let value = byHead[kvHead * group * total + t];
      for (let i = 1; i < group; i++) {
        const other = byHead[(kvHead * group + i) * total + t];
        value = how === 'max' ? Math.max(value, other) : value + other;
      }
      result[kvHead * total + t] = how === 'mean' ? value / group : value;
    }
  return result;
}
