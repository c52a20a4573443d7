import { type Decoder, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Plan } from './options.js';
import { chooseSkipped } from './selection/choose-skipped.js';
import { costsOf } from './selection/costs-of.js';
import type { PromptEvidence } from './selection/selector.js';

/** The layers that a sequence skips. */
export interface SkippedLayers {
  readonly layers: readonly number[];
  /** [layers], what each layer multiplies the hidden state by if it is skipped. Absent: 1. */
  readonly scales?: Float32Array;
}

/**
 * Asks the plan's selector which layers to skip.
 * @throws InvalidOptionsError if it returns no costs, or wrong scales
 */
export function chooseLayers(
  { selector, rule, protectedLayers }: Plan,
  decoder: Decoder,
  evidence: PromptEvidence,
): SkippedLayers {
  const skip = 'skip' in rule ? rule.skip : undefined;
  const costs = costsOf(selector, decoder, evidence, skip);
  const layers = chooseSkipped(costs, protectedLayers, rule);
  if (!selector.scales) return { layers };
  const scales = parseOptions(
    `what scales of ${selector.name} returned`,
    z.array(z.number().positive()).length(decoder.shape.layers),
    selector.scales(evidence),
  );
  return { layers, scales: Float32Array.from(scales) };
}
