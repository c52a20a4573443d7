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
         * How many layers to skip: the first of the model's measured order
         * (`decoder.defaults['layer-skip'].order`). For a decoder without one they are evenly
         * spread between the first three and the last, which always run, and a warning says so.
         */
        readonly skip: number;
        readonly layers?: never;
      }
    | SkipSelectorOptions<Needs>
  );

export interface SkipTurnOptions {
  /**
   * How a later turn (`generation.append`) treats the answer, for which the skipped layers have no
   * rows. `'reread'`: every layer reads the answer again as part of the new prompt, with the same
   * result as a run of every layer over these tokens. Layers are then chosen again, from everything
   * read so far. Needs `kv.edit`. `'skip'`: the chosen layers are skipped for good, also when later
   * prompts are read. Default `'reread'`.
   */
  readonly laterTurns?: 'reread' | 'skip';
  /**
   * Frees the skipped layers' rows of the prompt, their share of the cache, at the first decoded
   * token. Needs `kv.edit` and `laterTurns: 'skip'`. Default false.
   */
  readonly freeSkipped?: boolean;
}

export interface SkipSelectorOptions<Needs extends Capability = never> {
  readonly layers?: never;
  /** Chooses the layers, at the end of the prefill. */
  readonly selector: LayerSelector<Needs>;
  /**
   * How many layers to skip: the ones that cost least. Give this or `threshold`, unless the
   * selector brings one.
   */
  readonly skip?: number;
  /**
   * Skips the layers that cost less, in the selector's unit. How many they are depends on the
   * prompt.
   */
  readonly threshold?: number;
  /**
   * With a threshold: at least this many layers are skipped, even if they cost more. 0 or more;
   * default 0.
   */
  readonly atLeast?: number;
  /** With a threshold: at most this many layers are skipped. 0 or more; default all. */
  readonly atMost?: number;
  /** Layers that always run; layer 0 does anyway. Default: the selector's own. */
  readonly protect?: readonly number[];
}

/**
 * Skips layers in every decode forward. The prompt is read by all of them. A selector chooses the
 * layers once for each answer, at the end of the prefill. A skipped layer passes the hidden state
 * on and writes no rows to the cache, so its rows of the prompt are never read.
 *
 * ```ts
 * stack.use(layerSkip({ selector: promptInfluence(), skip: 4 }));
 * ```
 *
 * The prompt's forwards run every layer, including one for a last prompt token that is fed again. A
 * forward that verifies drafted tokens is a decode forward: it skips the same layers, so the text
 * is the one that decoding token by token gives. Forks share the layers. A generation loaded from a
 * file skips the layers that lack rows in its cache. If it was saved before its second token, no
 * layer does. Then every layer runs if the selector would need the prompt.
 *
 * The contract is that of FiRST (Jain et al. 2024, arXiv:2410.12513) with the prompt at full depth:
 * skipping there too takes most of the quality (AdaSkip, He et al. 2025, arXiv:2501.02336). Static
 * sets are a strong baseline. No training is needed and quality is lost: measure it.
 *
 * Metrics: `layersRun` and `layersSkipped`, per decode forward; `selectionMs`, if the prompt
 * decides.
 *
 * @throws InvalidOptionsError for a wrong option; at `.use()` if the decoder has no such layer, if
 * layer 0 is named, if `skip` is more than can be skipped, or if the selector was made for another
 * model
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
