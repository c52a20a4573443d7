import { evidenceOf } from '../selection/evidence-of.js';
import { type LayerSelector, outerLayers } from '../selection/selector.js';

/**
 * Skips the layers that change the hidden state of this prompt least: block influence (ShortGPT,
 * Men et al. 2024, arXiv:2403.03853), taken from the prompt itself instead of a calibration text.
 * Costs are block influences, 0 to 2. Nothing is trained or measured before.
 */
export function promptInfluence(): LayerSelector<'block.influences'> {
  return {
    name: 'promptInfluence',
    requires: ['block.influences'],
    protects: outerLayers,
    costs: (_, evidence) => [
      ...evidenceOf('promptInfluence', evidence, 'blockInfluences').influences,
    ],
  };
}
