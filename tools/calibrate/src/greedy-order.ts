/** What a set of skipped layers does to the model. */
export interface Effect {
  /** Mean over the tokens of all samples of KL(full || skipped), in nats. */
  readonly kl: number;
  /** Share of tokens at which both models put the same token first. */
  readonly agreement: number;
}

export type Measure = (skipped: readonly number[]) => Promise<Effect>;

export interface Single extends Effect {
  readonly layer: number;
}

/** Each candidate skipped alone, the cheapest first. */
export async function leaveOneOut(
  candidates: readonly number[],
  measure: Measure,
): Promise<Single[]> {
  const singles: Single[] = [];
  for (const layer of candidates) singles.push({ layer, ...(await measure([layer])) });
  return singles.sort((a, b) => a.kl - b.kl || a.layer - b.layer);
}

/**
 * Static sets that grow by one layer: each step takes the layer whose addition gives the lowest mean KL.
 * @param singles from `leaveOneOut`; the first layer of the order is its best
 * @param breadth candidates tried in each step, by their KL alone: the others are worse alone than the set as a whole
 * @returns the steps, `length` of them or as many as there are candidates; `layer` is the one added
 */
export async function greedyOrder(
  singles: readonly Single[],
  length: number,
  breadth: number,
  measure: Measure,
): Promise<Single[]> {
  const steps: Single[] = singles.slice(0, Math.min(1, length));
  while (steps.length < Math.min(length, singles.length)) {
    const taken = steps.map(({ layer }) => layer);
    const candidates = singles.filter(({ layer }) => !taken.includes(layer)).slice(0, breadth);
    let best: Single | undefined;
    for (const { layer } of candidates) {
      const effect = await measure([...taken, layer]);
      if (!best || effect.kl < best.kl) best = { layer, ...effect };
    }
    steps.push(best!);
  }
  return steps;
}
