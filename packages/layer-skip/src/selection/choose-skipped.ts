/** Which of the costs make a layer one that is skipped. */
export type Rule =
  | {
      /** Exactly so many. */
      readonly skip: number;
    }
  | {
      /** Those that cost less, the cheapest first. */
      readonly threshold: number;
      /** The cheapest so many are skipped whatever they cost. */
      readonly atLeast: number;
      readonly atMost: number;
    };

/**
 * The layers to skip, the cheapest first; of equal ones the lower.
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
