import type { LayerRows } from './policy.js';

/**
 * Scores every KV head of a layer in the same way.
 * @param scoresOf [`candidates` or more] of a KV head
 * @returns per KV head [candidates]
 */
export function scoreHeads(
  { kvHeads, candidates }: LayerRows,
  scoresOf: (kvHead: number) => Float32Array,
): Float32Array[] {
  return Array.from({ length: kvHeads }, (_, kvHead) => scoresOf(kvHead).subarray(0, candidates));
}

/** Takes the attention of one KV head, [T]. */
export function headScores({ scores, rows }: LayerRows, kvHead: number): Float32Array {
  return scores!.subarray(kvHead * rows, (kvHead + 1) * rows);
}
