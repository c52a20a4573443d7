import type { Capability, Middleware } from '@pliant/core';
import { parseLayerSkipOptions, planFor } from './options.js';
import type { LayerSelector } from './selection/selector.js';
import { skipLayers } from './skip-layers.js';

const name = 'layer-skip';
const edits: readonly Capability[] = ['kv.edit'];

export type LayerSkipOptions<Needs extends Capability = never> = SkipTurnOptions &
  (
    | {
        /** The layers to skip, from 0, in any order, each once. Layer 0 always runs. */
        readonly layers: readonly number[];
        readonly skip?: never;
      }
    | {
        /**
         * How many layers to skip: the first of the model's measured order (`decoder.defaults['layer-skip'].order`). A decoder
         * without one skips layers evenly spread between the first three and the last, which always run, and a warning says so.
         */
        readonly skip: number;
        readonly layers?: never;
      }
    | SkipSelectorOptions<Needs>
  );

export interface SkipTurnOptions {
  /**
   * What a later turn (`generation.append`) does about the answer, which the skipped layers hold no rows of. `'reread'`: the answer is read again
   * by every layer, as a part of the new prompt, which gives what a run of every layer over the same tokens gives; layers are chosen anew, from
   * everything read so far. Needs `kv.edit`. `'skip'`: the chosen layers are skipped for good, when later prompts are read too. Default `'reread'`.
   */
  readonly laterTurns?: 'reread' | 'skip';
  /**
   * Frees the skipped layers' rows of the prompt at the first decoded token: their share of the cache. Needs `kv.edit` and
   * `laterTurns: 'skip'`. Default false.
   */
  readonly freeSkipped?: boolean;
}

export interface SkipSelectorOptions<Needs extends Capability = never> {
  readonly layers?: never;
  /** Chooses the layers, at the end of the prefill. */
  readonly selector: LayerSelector<Needs>;
  /** Exactly so many layers, those that cost least. This or `threshold`, unless the selector brings one. */
  readonly skip?: number;
  /** The layers that cost less, in the selector's unit: how many depends on the prompt. */
  readonly threshold?: number;
  /** With a threshold: layers that are skipped whatever they cost, 0 or more. Default 0. */
  readonly atLeast?: number;
  /** With a threshold: 0 or more. Default all. */
  readonly atMost?: number;
  /** Layers that always run; layer 0 does anyway. Default: the selector's own. */
  readonly protect?: readonly number[];
}

/**
 * Skips layers in every decode forward; the prompt is read by all of them. Which ones is decided once for each answer, at the end of the
 * prefill, by a selector. A skipped layer hands the hidden state on and writes no rows to the cache, so what it holds of the prompt is
 * never read.
 *
 * ```ts
 * stack.use(layerSkip({ selector: promptInfluence(), skip: 4 }));
 * ```
 *
 * The prompt's forwards run every layer, a last prompt token that is fed again included. A forward that verifies drafted tokens is a
 * decode forward: it skips the same layers, so the text is the one that decoding token by token gives. Forks share the layers. A generation that
 * was loaded from a file skips what its cache shows was skipped; one that was saved before its second token has shown nothing, and runs every
 * layer where the selector would need its prompt.
 *
 * The contract is that of FiRST (Jain et al. 2024, arXiv:2410.12513) with the prompt at full depth: skipping there too takes most of the
 * quality (AdaSkip, He et al. 2025, arXiv:2501.02336). Static sets are a strong baseline. No training is needed and quality is lost: measure it.
 *
 * Metrics: `layersRun` and `layersSkipped`, per decode forward; `selectionMs`, where the prompt decides.
 *
 * @throws InvalidOptionsError for a wrong option; at `.use()` where the decoder has no such layer, layer 0 is named, `skip` is more than can
 * be skipped, or the selector was made for another model
 * @throws MissingCapabilityError at `.use()`
 */
export function layerSkip<Needs extends Capability = never>(
  options: LayerSkipOptions<Needs> & { readonly freeSkipped: true },
): Middleware<typeof name, 'layers.skip' | 'kv.edit' | Needs>;
export function layerSkip<Needs extends Capability = never>(
  options: LayerSkipOptions<Needs>,
): Middleware<typeof name, 'layers.skip' | Needs>;
export function layerSkip(
  options: LayerSkipOptions<Capability>,
): Middleware<typeof name, Capability> {
  const parsed = parseLayerSkipOptions(options);
  const { selector, laterTurns, freeSkipped } = parsed;
  return {
    specificationVersion: 'v1',
    name,
    requires: ['layers.skip', ...(selector?.requires ?? []), ...(freeSkipped ? edits : [])],
    ...(laterTurns === 'reread' && { optional: edits }),
    check: (decoder) => {
      planFor(parsed, decoder);
    },
    create: (run) =>
      skipLayers(run, { plan: planFor(parsed, run.decoder), laterTurns, freeSkipped }),
  };
}
