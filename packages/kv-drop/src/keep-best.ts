import { PliantError } from '@pliant/core';
import type { LayerRows, Policy } from './policy.js';
import { stableTopK } from './top-k.js';

/**
 * The rows of a layer that stay: those that `always` names, and the best by the policy's scores; of equal scores the earlier row.
 * @param budget rows to keep, those of `always` counted; at least their number plus the policy's minimum, at most `layer.candidates`
 * @param always original positions
 * @returns per KV head, `budget` row indices, ascending
 * @throws PliantError for scores that are not numbers, or not one a candidate
 */
export function keepBest(
  policy: Policy,
  layer: LayerRows,
  budget: number,
  always: ReadonlySet<number> = new Set(),
): Uint32Array[] {
  const scores = policy.score(layer, budget - always.size);
  if (scores.length !== layer.kvHeads || scores.some((head) => head.length !== layer.candidates))
    throw new PliantError(
      `policy ${policy.name} must return ${layer.candidates} scores for each of ${layer.kvHeads} KV heads; it returned ${scores.map(({ length }) => length).join(' and ') || 'none'}`,
    );
  return scores.map((head, kvHead) =>
    stableTopK(always.size > 0 ? raised(head, layer.positions(kvHead), always) : head, budget),
  );
}

/** A copy in which the rows at `always` have Infinity. */
function raised(
  scores: Float32Array,
  positions: Int32Array,
  always: ReadonlySet<number>,
): Float32Array {
  return scores.map((score, row) =>
    always.has(positions[row]) ? Number.POSITIVE_INFINITY : score,
  );
}
