import { type Capability, type Decoder, InvalidOptionsError, show } from '@pliant/core';
import type { LayerSelector, PromptEvidence } from './selector.js';

/**
 * Asks a selector what skipping each layer costs, and checks the answer.
 * @returns [layers]
 * @throws InvalidOptionsError if it does not return a number for each layer
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
        message: `${selector.name} must return ${layers} numbers, one per layer; it returned ${show(costs)}`,
      },
    ]);
  return costs;
}
