import { PliantError, show } from '@pliant/core';
import type { LayerRows, Policy } from './policy.js';

/**
 * Asks a policy for the scores of a layer, and checks them.
 * @returns per KV head [candidates]
 * @throws PliantError if the policy does not return a number for each candidate
 */
export function scoresOf(
  policy: Policy,
  layer: LayerRows,
  budget: number,
): readonly Float32Array[] {
  const { kvHeads, candidates } = layer;
  const scores = policy.score(layer, budget);
  const areScores = Array.isArray(scores) && scores.every((given) => given instanceof Float32Array);
  const lengths = areScores ? scores.map(({ length }) => length) : undefined;
  if (lengths?.length !== kvHeads || lengths.some((length) => length !== candidates))
    throw new PliantError(
      `policy ${policy.name} must return ${candidates} scores for each of ${kvHeads} KV heads, a Float32Array each; it returned ${lengths ? lengths.join(' and ') || 'none' : show(scores)}`,
    );
  return scores;
}
