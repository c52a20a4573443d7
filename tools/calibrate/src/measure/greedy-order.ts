/** Mean effect of a set over prompts. */
export interface MeanEffect {
  /** KL(full || skipped), in nats. */
  readonly kl: number;
  /** Share of tokens at which both models put the same token first. */
  readonly agreement: number;
}

/** Mean effects of sets of skipped layers, in their order. */
export type MeasureSets = (sets: readonly (readonly number[])[]) => Promise<readonly MeanEffect[]>;

export interface Step extends MeanEffect {
  /** The one added. */
  readonly layer: number;
}

/**
 * Static sets that grow by one layer: each step takes the layer whose addition gives the lowest
 * mean KL.
 * @param singles each candidate alone; the best of them begins the order
 * @param breadth candidates tried in each step, by their KL alone: the others are worse alone than
 * the set as a whole
 * @returns the steps, `length` of them or as many as there are candidates
 */
export async function greedyOrder(
  singles: readonly Step[],
  length: number,
  breadth: number,
  measure: MeasureSets,
): Promise<Step[]> {
  const ranked = [...singles].sort((a, b) => a.kl - b.kl || a.layer - b.layer);
  const steps: Step[] = ranked.slice(0, Math.min(1, length));
  while (steps.length < Math.min(length, ranked.length)) {
    const taken = steps.map(({ layer }) => layer);
    const candidates = ranked.filter(({ layer }) => !taken.includes(layer)).slice(0, breadth);
    const effects = await measure(candidates.map(({ layer }) => [...taken, layer]));
    const costs = effects.map(({ kl }) => kl);
    const best = costs.indexOf(Math.min(...costs));
    steps.push({ layer: candidates[best].layer, ...effects[best] });
  }
  return steps;
}
