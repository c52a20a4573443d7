import type { LayerRows } from './policy.js';
import { stableTopK } from './top-k.js';

/**
 * The best candidates of each KV head.
 * @param scoresOf [`candidates` or more] of a KV head, higher stays
 * @returns per KV head, `budget` rows, ascending; of equal scores the earlier
 */
export function bestRows(
  { kvHeads, candidates }: LayerRows,
  budget: number,
  scoresOf: (kvHead: number) => Float32Array,
): Uint32Array[] {
  return Array.from({ length: kvHeads }, (_, kvHead) =>
    stableTopK(scoresOf(kvHead).subarray(0, candidates), budget),
  );
}

/** [T], what was asked for, of one KV head. */
export function headScores({ scores, rows }: LayerRows, kvHead: number): Float32Array {
  return scores!.subarray(kvHead * rows, (kvHead + 1) * rows);
}
