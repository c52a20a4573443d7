import { type Capability, parseArguments } from '@pliant/core';
import { z } from 'zod/v4';
import { evidenceOf } from '../selection/evidence-of.js';
import type { LayerSelector } from '../selection/selector.js';
import { selectorSchema } from '../selection/selector-schema.js';

const argumentsSchema = z.strictObject({ selector: selectorSchema });

/**
 * Wraps another selector: each skipped layer scales the hidden state by the factor by which it
 * would have stretched it, on average over the prompt. This is AdaSkip's norm compensation (He et
 * al. 2025, arXiv:2501.02336). Differs from the paper in that the ratios are the prompt's own, and
 * geometric means. An arithmetic mean would be ruled by the first token, whose state grows
 * hundredfold in some layers.
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
