import { type Capability, type Decoder, InvalidOptionsError, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Rule } from './selection/choose-skipped.js';
import { costsOf } from './selection/costs-of.js';
import { modelDefaults } from './selection/model-defaults.js';
import type { LayerSelector } from './selection/selector.js';
import { selectorSchema } from './selection/selector-schema.js';
import { evenlySpread } from './selectors/evenly-spread.js';
import { givenLayers } from './selectors/given-layers.js';
import { staticGreedy } from './selectors/static-greedy.js';

const name = 'layer-skip';

const count = z.int().min(0);

/** Checks the options of `layerSkip`. */
export const layerSkipOptions = z
  .strictObject({
    layers: z.array(z.int()).optional(),
    skip: count.optional(),
    selector: selectorSchema.optional(),
    threshold: z.number().optional(),
    atLeast: count.optional(),
    atMost: count.optional(),
    protect: z.array(count).optional(),
    laterTurns: z.enum(['reread', 'skip']).default('reread'),
    freeSkipped: z.boolean().default(false),
  })
  .superRefine((options, context) => {
    const { layers, skip, selector, threshold, atLeast, atMost } = options;
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: path ? [path] : [], message });
    if (!selector && (layers === undefined) === (skip === undefined))
      refuse('', 'give either layers or skip');
    if (!selector) {
      for (const option of ['threshold', 'atLeast', 'atMost', 'protect'] as const)
        if (options[option] !== undefined) refuse(option, 'needs a selector');
    } else if (layers !== undefined)
      refuse('layers', 'give either layers or a selector; givenLayers() is one');
    if (skip !== undefined && threshold !== undefined)
      refuse('threshold', 'give either skip or threshold');
    if (threshold !== undefined && selector?.exactOnly)
      refuse('threshold', `${selector.name} chooses a number of layers; give skip`);
    if (selector && skip === undefined && threshold === undefined && !hasOwnRule(selector))
      refuse('skip', `say how many layers ${selector.name} skips`);
    if (skip !== undefined || (selector && threshold === undefined && selector.skip !== undefined))
      for (const option of ['atLeast', 'atMost'] as const)
        if (options[option] !== undefined) refuse(option, 'needs a threshold');
    if (atLeast !== undefined && atMost !== undefined && atLeast > atMost)
      refuse('atLeast', `is ${atLeast}, more than atMost, ${atMost}`);
    if (options.freeSkipped && options.laterTurns === 'reread')
      refuse(
        'freeSkipped',
        "later turns would read with all layers, whose prompt rows are gone; set laterTurns: 'skip'",
      );
  });

export type ParsedOptions = z.output<typeof layerSkipOptions>;

/** How the layers of a decoder are chosen. */
export interface Plan {
  readonly selector: LayerSelector<Capability>;
  readonly rule: Rule;
  readonly protectedLayers: readonly number[];
  /** False if layers are evenly spread because no order was measured for the model. */
  readonly measured: boolean;
}

/** @throws InvalidOptionsError */
export function parseLayerSkipOptions(options: object): ParsedOptions {
  return parseOptions(name, layerSkipOptions, options);
}

/**
 * Resolves the options for a decoder.
 * @throws InvalidOptionsError if fewer layers of the decoder can be skipped, or it does not fit the
 * selector
 */
export function planFor(options: ParsedOptions, decoder: Decoder): Plan {
  const { layers, skip, threshold, protect, atLeast = 0, atMost = Infinity } = options;
  const isSpread = !options.selector && !layers && !modelDefaults(decoder);
  const selector =
    options.selector ?? (layers ? givenLayers(layers) : isSpread ? evenlySpread() : staticGreedy());
  const exact = skip ?? (threshold === undefined ? selector.skip : undefined);
  selector.check?.(decoder, exact);
  const count = decoder.shape.layers;
  const beyond = (protect ?? []).findIndex((layer) => layer >= count);
  if (beyond >= 0)
    throw new InvalidOptionsError(name, [
      {
        path: `protect.${beyond}`,
        message: `is ${protect![beyond]}, but the layers are 0 to ${count - 1}`,
      },
    ]);
  const rule: Rule =
    exact === undefined
      ? { threshold: threshold ?? selector.threshold ?? Infinity, atLeast, atMost }
      : { skip: exact };
  const plan = {
    selector,
    rule,
    protectedLayers: protect ?? protectedBy(selector, count),
    measured: !isSpread || exact === 0,
  };
  checkCount(plan, decoder);
  return plan;
}

function protectedBy(selector: LayerSelector<Capability>, layers: number): readonly number[] {
  if (!selector.protects) return [];
  const where = `what protects of ${selector.name} returned`;
  return parseOptions(where, z.array(z.int()).readonly(), selector.protects(layers));
}

/** Refuses to skip more layers than can be skipped. */
function checkCount({ selector, rule, protectedLayers }: Plan, decoder: Decoder): void {
  const wanted = 'skip' in rule ? rule.skip : rule.atLeast;
  const count = decoder.shape.layers;
  const all = Array.from({ length: count }, (_, layer) => layer);
  const isStatic = selector.requires.length === 0;
  const costs = isStatic ? costsOf(selector, decoder, { promptTokens: 0 }, wanted) : [];
  const candidates = all.filter(
    (layer) =>
      layer > 0 && !protectedLayers.includes(layer) && (!isStatic || costs[layer] < Infinity),
  );
  if (wanted <= candidates.length) return;
  const path = 'skip' in rule ? 'skip' : 'atLeast';
  const message = `is ${wanted}, but ${selector.name} can skip ${candidates.length} layers of decoder '${decoder.id}'; skip fewer, protect fewer, or name them in 'layers'`;
  throw new InvalidOptionsError(name, [{ path, message }]);
}

function hasOwnRule({ skip, threshold }: LayerSelector<Capability>): boolean {
  return skip !== undefined || threshold !== undefined;
}
