/** Costs of the layers on the prompts that routers are fitted on. n prompts, L layers. */
export interface LayerCosts {
  /** [n][L], KL of skipping a layer alone; 0 for layer 0. */
  readonly alone: readonly (readonly number[])[];
  /**
   * [L], logarithm of what a layer adds to the static greedy set; Infinity where it is never
   * skipped.
   */
  readonly base: readonly number[];
}

/** Below this a KL is noise of the arithmetic. */
export const leastKl = 1e-4;

/**
 * Base costs whose ascending order is the static greedy order: logarithms of what each layer of the
 * order added to its set, made ascending; other layers follow by their mean cost alone, and
 * protected ones outside of the order never.
 * @param setKls mean KL of the first 1, 2, ... layers of the order
 * @param meanAlone [L]
 */
export function baseCosts(
  order: readonly number[],
  setKls: readonly number[],
  meanAlone: readonly number[],
  protectedLayers: readonly number[],
): number[] {
  const base = new Array<number>(meanAlone.length);
  let last = Number.NEGATIVE_INFINITY;
  order.forEach((layer, place) => {
    const added = setKls[place] - (place > 0 ? setKls[place - 1] : 0);
    // A hair more than the one before, so that ties keep the order.
    last = Math.max(Math.log(Math.max(leastKl, added)), last + 1e-6);
    base[layer] = last;
  });
  meanAlone.forEach((kl, layer) => {
    if (order.includes(layer)) return;
    base[layer] = protectedLayers.includes(layer)
      ? Number.POSITIVE_INFINITY
      : Math.max(Math.log(Math.max(leastKl, kl)), last + 1e-3);
  });
  return base;
}

/** The `skip` layers that cost least, ascending costs; Infinity never. */
export function cheapest(costs: ArrayLike<number>, skip: number): number[] {
  return Array.from({ length: costs.length }, (_, layer) => layer)
    .filter((layer) => costs[layer] < Number.POSITIVE_INFINITY)
    .sort((a, b) => costs[a] - costs[b] || a - b)
    .slice(0, skip);
}

/** Sum of what the layers of a set cost alone. */
export function sumAlone(alone: readonly number[], set: readonly number[]): number {
  return set.reduce((sum, layer) => sum + alone[layer], 0);
}
