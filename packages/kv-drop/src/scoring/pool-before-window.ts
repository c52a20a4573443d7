import type { Pool } from './pool.js';

/**
 * Ranks the rows of one KV head as SnapKV and SpecKV do.
 * @param scores [T]; the last prompt token's row is `candidates`
 * @param window last prompt tokens, including that one
 * @param pool applied to the rows before the window only
 * @returns [candidates], pooled; Infinity for the window
 */
export function poolBeforeWindow(
  scores: Float32Array,
  candidates: number,
  window: number,
  kernel: number,
  pool: Pool,
): Float32Array {
  const ranked = new Float32Array(candidates).fill(Number.POSITIVE_INFINITY);
  ranked.set(pool(scores.subarray(0, candidates + 1 - window), kernel));
  return ranked;
}
