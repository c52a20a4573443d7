import type { LayerRows } from './policy.js';

/**
 * The same score for every KV head of a layer.
 * @param scoresOf [`candidates` or more] of a KV head
 * @returns per KV head [candidates]
 */
export function scoreHeads(
  { kvHeads, candidates }: LayerRows,
  scoresOf: (kvHead: number) => Float32Array,
): Float32Array[] {
  return Array.from({ length: kvHeads }, (_, kvHead) => scoresOf(kvHead).subarray(0, candidates));
}

/** [T], what was asked for, of one KV head. */
export function headScores({ scores, rows }: LayerRows, kvHead: number): Float32Array {
  return scores!.subarray(kvHead * rows, (kvHead + 1) * rows);
}
