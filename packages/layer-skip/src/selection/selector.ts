import { type BlockInfluences, type Capability, type Decoder, parseArguments } from '@pliant/core';
import { z } from 'zod/v4';

const countArguments = z.strictObject({ layers: z.int().min(0) });

/** What the prefill tells about a prompt. L layers, H hidden size. */
export interface PromptEvidence {
  /** Tokens read at full depth. */
  readonly promptTokens: number;
  /** [L, H], mean over those tokens of each layer's normalised input. There where the selector requires `hidden.means`. */
  readonly hiddenMeans?: Float32Array;
  /** Mean over those tokens. There where the selector requires `block.influences`. */
  readonly blockInfluences?: BlockInfluences;
}

/**
 * Decides which layers a sequence skips while decoding, at the end of its prefill, by what skipping each layer costs. `layerSkip` skips the
 * cheapest ones, or those below a threshold; layer 0 always runs.
 */
export interface LayerSelector<Needs extends Capability = never> {
  /** camelCase; in errors. */
  readonly name: string;
  /** What the evidence must hold: `hidden.means`, `block.influences`. Without any the costs are the same for every prompt. */
  readonly requires: readonly Needs[];
  /** Layers that run where `protect` does not say otherwise. Default none. */
  protects?(layers: number): readonly number[];
  /**
   * Set where costs only tell which layers form the set: a threshold means nothing then.
   */
  readonly exactOnly?: true;
  /** How many layers are skipped where `skip` does not say it. */
  readonly skip?: number;
  /** Below which costs a layer is skipped where neither `skip` nor `threshold` says it. */
  readonly threshold?: number;
  /**
   * Called by `.use()`.
   * @param skip how many layers will be skipped; undefined with a threshold
   * @throws InvalidOptionsError for a decoder that the selector was not made for, or a number of layers that it does not choose
   */
  check?(decoder: Decoder, skip: number | undefined): void;
  /** Called before the first prompt is read. @throws for a decoder that the selector was not made for */
  verify?(decoder: Decoder): Promise<void>;
  /**
   * @param skip how many layers will be skipped; undefined with a threshold
   * @returns [L], the costs in any unit; the layer of the lowest is skipped first, of equal ones the lower; Infinity: never
   */
  costs(decoder: Decoder, evidence: PromptEvidence, skip: number | undefined): readonly number[];
  /** [L], above 0: what each layer multiplies the hidden state by where it is skipped. Default 1. */
  scales?(evidence: PromptEvidence): readonly number[];
}

/** Costs that skip exactly the given layers, the first ones first. */
export function costsOfOrder(order: readonly number[], layers: number): number[] {
  const costs = new Array<number>(layers).fill(Number.POSITIVE_INFINITY);
  order.forEach((layer, place) => {
    costs[layer] = place;
  });
  return costs;
}

/**
 * The first three layers and the last: small models break without them (ours, after published ablations: a 22-layer TinyLlama loses most
 * by its first layers).
 */
export function outerLayers(layers: number): number[] {
  parseArguments('outerLayers', countArguments, { layers });
  return [0, 1, 2, layers - 1].filter((layer) => layer < layers);
}
