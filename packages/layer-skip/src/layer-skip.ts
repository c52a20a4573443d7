import { type Hooks, type Middleware, parseOptions, type Run } from '@pliant/core';
import { z } from 'zod';
import { chooseLayers } from './choose-layers.js';

const name = 'layer-skip';

const schema = z
  .strictObject({
    layers: z.array(z.int()).optional(),
    skip: z.int().min(0).optional(),
  })
  .refine(
    ({ layers, skip }) => (layers === undefined) !== (skip === undefined),
    'give either layers or skip',
  );

export type LayerSkipOptions =
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
    };

/**
 * Skips the same layers in every decode forward; the prompt is read by all layers. A skipped layer hands the hidden state on and
 * writes no rows to the cache, so what it holds of the prompt is never read.
 *
 * The prompt's forwards run every layer, a last prompt token that is fed again included. A forward that verifies drafted tokens is a
 * decode forward: it skips the same layers, so the text is the one that decoding token by token gives.
 *
 * In a later turn (`generation.append`) the skipped layers lack the rows of the tokens generated before: there, the new prompt sees
 * the turns' prompts only.
 *
 * Static sets are a strong baseline: what a router adds to them is small (AdaSkip, arXiv:2501.02336). Skipping in decode only, and the
 * layers that the fallback protects, follow the same comparison of methods. No training is needed and quality is lost: measure it.
 *
 * Metrics: `layersRun` and `layersSkipped`, per decode forward.
 *
 * @throws InvalidOptionsError for a wrong option; at `.use()` where the decoder has no such layer, layer 0 is named, or `skip` is
 * more than can be skipped
 */
export function layerSkip(options: LayerSkipOptions): Middleware<typeof name, 'layers.skip'> {
  const parsed = parseOptions(name, schema, options);
  return {
    specificationVersion: 'v1',
    name,
    requires: ['layers.skip'],
    check: (decoder) => {
      chooseLayers(parsed, decoder);
    },
    create: (run) => {
      const { skipped, measured } = chooseLayers(parsed, run.decoder);
      if (!measured) warnOfUnmeasured(run, skipped);
      return hooks(run, skipped);
    },
  };
}

function hooks(run: Run, skipped: readonly number[]): Hooks {
  const gates = new Uint8Array(run.decoder.shape.layers).fill(1);
  for (const layer of skipped) gates[layer] = 0;
  run.emit('layersRun', gates.length - skipped.length);
  run.emit('layersSkipped', skipped.length);
  const fork = (copy: Run) => hooks(copy, skipped);
  if (skipped.length === 0) return { fork };
  return {
    forward(input, next) {
      // Another middleware's gates stay: a layer runs where both let it.
      const layers = input.layers?.map((gate, layer) => gate & gates[layer]) ?? gates;
      return next({ ...input, layers });
    },
    fork,
  };
}

function warnOfUnmeasured(run: Run, skipped: readonly number[]): void {
  run.warn({
    type: 'degraded',
    feature: 'skip',
    details: `decoder '${run.decoder.id}' has no measured order of layers: skipping ${skipped.join(', ')}, evenly spread`,
  });
}
