import type { Pool } from './pool.js';

/**
 * The ranking of SnapKV and SpecKV for one KV head.
 * @param scores [T]; the last prompt token's row is `candidates`
 * @param window last prompt tokens, that one included
 * @param pool over the rows before the window; it does not look into it
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
