import type { LayerRows, Policy } from '../scoring/policy.js';
import { scoresOf } from '../scoring/scores-of.js';
import { stableTopK } from './top-k.js';

/**
 * Chooses the rows of a layer that stay: those that `always` names, and the best by the policy's
 * scores. Ties go to the earlier row.
 * @param budget rows to keep, including those of `always`: at most `layer.candidates`, at least the
 * policy's minimum and those of `always`
 * @param always original positions, which the layer need not hold
 * @returns per KV head, `budget` row indices, ascending
 * @throws PliantError if the policy does not return a number for each candidate
 */
export function keepBest(
  policy: Policy,
  layer: LayerRows,
  budget: number,
  always: ReadonlySet<number> = new Set(),
): Uint32Array[] {
  const { kvHeads } = layer;
  const fixed = Array.from({ length: kvHeads }, (_, kvHead) => rowsAt(layer, kvHead, always));
  const scores = scoresOf(policy, layer, budget - Math.max(...fixed.map(({ length }) => length)));
  return scores.map((given, kvHead) => {
    if (fixed[kvHead].length === 0) return stableTopK(given, budget);
    const raised = given.slice();
    for (const row of fixed[kvHead]) raised[row] = Number.POSITIVE_INFINITY;
    return stableTopK(raised, budget);
  });
}

/** Finds the candidates at these original positions. */
function rowsAt(layer: LayerRows, kvHead: number, always: ReadonlySet<number>): number[] {
  const rows: number[] = [];
  if (always.size === 0) return rows;
  const positions = layer.positions(kvHead);
  for (let row = 0; row < layer.candidates; row++) if (always.has(positions[row])) rows.push(row);
  return rows;
}
