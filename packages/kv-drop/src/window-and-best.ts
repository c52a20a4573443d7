import type { Pool } from './pool.js';
import { stableTopK } from './top-k.js';

/**
 * The choice of SnapKV and SpecKV for one KV head.
 * @param scores [T]; the last prompt token's row is `candidates`
 * @param window last prompt tokens, that one included
 * @param pool over the rows before the window; it does not look into it
 * @returns `budget` rows below `candidates`, ascending: the `window` - 1 last ones and the best of those before
 */
export function selectWindowAndBest(
  scores: Float32Array,
  candidates: number,
  budget: number,
  window: number,
  kernel: number,
  pool: Pool,
): Uint32Array {
  const windowStart = candidates + 1 - window;
  const best = budget - (window - 1);
  const kept = new Uint32Array(budget);
  kept.set(stableTopK(pool(scores.subarray(0, windowStart), kernel), best));
  for (let i = best; i < budget; i++) kept[i] = windowStart + i - best;
  return kept;
}
