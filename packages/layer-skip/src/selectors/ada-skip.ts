import { parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { LayerSelector } from '../selection/selector.js';
import { promptInfluence } from './prompt-influence.js';
import { withCompensation } from './with-compensation.js';

export interface AdaSkipOptions {
  /**
   * Compensates for what skipped layers would have added to the length of the hidden state
   * (`withCompensation`). Default true.
   */
  readonly compensate?: boolean;
}

export const adaSkipOptions = z.strictObject({ compensate: z.boolean().default(true) });

/**
 * Skips the layers whose output is most like their input on this prompt, by the mean cosine, with
 * norm compensation (AdaSkip, He et al. 2025, arXiv:2501.02336). Costs are 1 - cosine, 0 to 2;
 * without compensation it is `promptInfluence`. Differs from the paper in that whole layers are
 * skipped, not attention and MLP apart.
 * @throws InvalidOptionsError
 */
export function adaSkip(options: AdaSkipOptions = {}): LayerSelector<'block.influences'> {
  const { compensate } = parseOptions('layer-skip, adaSkip', adaSkipOptions, options);
  const selector = promptInfluence();
  return { ...(compensate ? withCompensation(selector) : selector), name: 'adaSkip' };
}
