import { type BlockInfluences, type Capability, type Decoder, parseArguments } from '@pliant/core';
import { z } from 'zod/v4';

const countArguments = z.strictObject({ layers: z.int().min(0) });

/** Evidence of a prompt, gathered while it is read. L layers, H hidden size. */
export interface PromptEvidence {
  /** Tokens read at full depth. */
  readonly promptTokens: number;
  /**
   * [L, H], mean over those tokens of each layer's normalised input. Present if the selector
   * requires `hidden.means`.
   */
  readonly hiddenMeans?: Float32Array;
  /** Mean over those tokens. Present if the selector requires `block.influences`. */
  readonly blockInfluences?: BlockInfluences;
}

/**
 * Says what skipping each layer costs, at the end of a prefill. While decoding, `layerSkip` skips
 * the cheapest layers, or those that cost less than a threshold. Layer 0 always runs.
 */
export interface LayerSelector<Needs extends Capability = never> {
  /** camelCase; in errors. */
  readonly name: string;
  /**
   * Evidence that the costs need: `hidden.means`, `block.influences`. If empty, the costs are the
   * same for every prompt.
   */
  readonly requires: readonly Needs[];
  /** Layers that always run, unless `protect` names others. Default none. */
  protects?(layers: number): readonly number[];
  /**
   * Set if costs only tell which layers form the set. A threshold has no meaning then.
   */
  readonly exactOnly?: true;
  /** How many layers are skipped if the option `skip` is absent. */
  readonly skip?: number;
  /** Threshold of the costs if neither the option `skip` nor `threshold` is given. */
  readonly threshold?: number;
  /**
   * Called by `.use()`.
   * @param skip how many layers will be skipped; undefined with a threshold
   * @throws InvalidOptionsError for a decoder that the selector was not made for, or a number of
   * layers that it does not choose
   */
  check?(decoder: Decoder, skip: number | undefined): void;
  /**
   * Called before the first prompt is read.
   * @throws for a decoder that the selector was not made for
   */
  verify?(decoder: Decoder): Promise<void>;
  /**
   * @param skip how many layers will be skipped; undefined with a threshold
   * @returns [L], costs in any unit. The layer with the lowest is skipped first; ties go to the
   * lower layer. Infinity: never
   */
  costs(decoder: Decoder, evidence: PromptEvidence, skip: number | undefined): readonly number[];
  /** [L], factor for the hidden state at each skipped layer, above 0. Default 1. */
  scales?(evidence: PromptEvidence): readonly number[];
}

/** Returns costs that skip exactly the given layers, in their order. */
export function costsOfOrder(order: readonly number[], layers: number): number[] {
  const costs = new Array<number>(layers).fill(Number.POSITIVE_INFINITY);
  order.forEach((layer, place) => {
    costs[layer] = place;
  });
  return costs;
}

/**
 * Lists the first three layers and the last. Small models break without them (our choice, after
 * published ablations: a 22-layer TinyLlama loses most by its first layers).
 */
export function outerLayers(layers: number): number[] {
  parseArguments('outerLayers', countArguments, { layers });
  return [0, 1, 2, layers - 1].filter((layer) => layer < layers);
}
