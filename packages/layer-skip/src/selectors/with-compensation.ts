import { type Capability, parseArguments } from '@pliant/core';
import { z } from 'zod/v4';
import { evidenceOf } from '../selection/evidence-of.js';
import type { LayerSelector } from '../selection/selector.js';
import { selectorSchema } from '../selection/selector-schema.js';

const argumentsSchema = z.strictObject({ selector: selectorSchema });

/**
 * Another selector, whose skipped layers multiply the hidden state by what they would have stretched it by, on average over the prompt: AdaSkip's norm
 * compensation (He et al. 2025, arXiv:2501.02336). Differs from the paper in that the ratios are those of the prompt, and geometric means, since
 * a first token whose state grows hundredfold in some layer rules the arithmetic one.
 */
export function withCompensation<Needs extends Capability>(
  selector: LayerSelector<Needs>,
): LayerSelector<Needs | 'block.influences'> {
  parseArguments('withCompensation', argumentsSchema, { selector });
  return {
    ...selector,
    name: `compensated ${selector.name}`,
    requires: [...new Set([...selector.requires, 'block.influences' as const])],
    scales: (evidence) => [
      ...evidenceOf('withCompensation', evidence, 'blockInfluences').normRatios,
    ],
  };
}
