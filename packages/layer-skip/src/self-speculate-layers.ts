import { type Decoder, InvalidOptionsError } from '@pliant/core';
import { parseLayerSkipOptions, planFor } from './options.js';
import { chooseSkipped } from './selection/choose-skipped.js';
import { costsOf } from './selection/costs-of.js';

/** The layers that the draft runs. */
export interface DraftLayers {
  /** [layers], 1 = runs. */
  readonly gates: Uint8Array;
  readonly skipped: readonly number[];
  /** False where layers are spread for want of a measured order. */
  readonly measured: boolean;
}

/**
 * Resolves which layers a draft skips, as `layerSkip` does.
 * @throws InvalidOptionsError
 */
export function draftLayers(
  where: string,
  options: { readonly layers?: readonly number[]; readonly skip?: number },
  decoder: Decoder,
): DraftLayers {
  try {
    const plan = planFor(parseLayerSkipOptions(options), decoder);
    const wanted = 'skip' in plan.rule ? plan.rule.skip : 0;
    const costs = costsOf(plan.selector, decoder, { promptTokens: 0 }, wanted);
    const skipped = chooseSkipped(costs, plan.protectedLayers, plan.rule);
    const gates = new Uint8Array(decoder.shape.layers).fill(1);
    for (const layer of skipped) gates[layer] = 0;
    return { gates, skipped, measured: plan.measured };
  } catch (error) {
    if (InvalidOptionsError.isInstance(error)) throw new InvalidOptionsError(where, error.issues);
    throw error;
  }
}
