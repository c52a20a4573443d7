/** Decides which layers to skip, given what skipping each one costs. */
export type Rule =
  | {
      /** Exactly this many layers are skipped. */
      readonly skip: number;
    }
  | {
      /** Layers that cost less are skipped, the cheapest first. */
      readonly threshold: number;
      /** At least this many layers are skipped, even if they cost more than the threshold. */
      readonly atLeast: number;
      /** At most this many layers are skipped. */
      readonly atMost: number;
    };

/**
 * Lists the layers to skip, the cheapest first. Ties go to the lower layer.
 * @param costs [layers]; Infinity: never skipped
 * @param protectedLayers never skipped
 */
export function chooseSkipped(
  costs: readonly number[],
  protectedLayers: readonly number[],
  rule: Rule,
): number[] {
  const ranked = [...costs.keys()]
    .filter((layer) => layer > 0 && costs[layer] < Infinity && !protectedLayers.includes(layer))
    .sort((a, b) => costs[a] - costs[b] || a - b);
  if ('skip' in rule) return ranked.slice(0, rule.skip);
  const below = ranked.filter((layer) => costs[layer] < rule.threshold).length;
  return ranked.slice(0, Math.min(rule.atMost, Math.max(rule.atLeast, below)));
}
