import { type Capability, type Decoder, InvalidOptionsError, show } from '@pliant/core';
import type { LayerSelector, PromptEvidence } from './selector.js';

/**
 * What a selector says that skipping each layer costs, checked.
 * @returns [layers]
 * @throws InvalidOptionsError for anything but a number for each layer
 */
export function costsOf(
  selector: LayerSelector<Capability>,
  decoder: Decoder,
  evidence: PromptEvidence,
  skip: number | undefined,
): readonly number[] {
  const costs = selector.costs(decoder, evidence, skip);
  const { layers } = decoder.shape;
  const isCost = (cost: unknown) => typeof cost === 'number' && !Number.isNaN(cost);
  if (!Array.isArray(costs) || costs.length !== layers || !costs.every(isCost))
    throw new InvalidOptionsError('layer-skip', [
      {
        path: 'selector',
        message: `${selector.name} must give ${layers} costs, numbers all; it gave ${show(costs)}`,
      },
    ]);
  return costs;
}
