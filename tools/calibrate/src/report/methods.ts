import type { Capability, Decoder } from '@pliant/core';
import {
  adaSkip,
  type Calibration,
  evenlySpread,
  type LayerSelector,
  logisticRouter,
  outerLayers,
  type PromptEvidence,
  promptInfluence,
  ridgeRouter,
  setRouter,
  shortGPT,
  staticGreedy,
  unifiedSkipping,
  withCompensation,
} from '@pliant/layer-skip';
import type { Fitted } from '../calibrate.js';
import { decidedCounts } from '../calibrate.js';
import { cheapest } from '../fit/layer-costs.js';
import { randomSet } from '../fit/random-sets.js';

/** A way to choose layers that is reported. */
export interface Method {
  readonly name: string;
  /** Numbers of skipped layers that it chooses. */
  readonly counts: readonly number[];
  /** Skipped layers scale the hidden state by the prompt's length ratios. Default false. */
  readonly scaled?: boolean;
  /** The layers to skip of a prompt. */
  choose(prompt: number, skip: number): readonly number[];
}

/** Numbers of skipped layers that are reported. */
const reportedCounts = Array.from({ length: 12 }, (_, i) => i + 1);

/**
 * Every selector of the package, static sets by mean KL alone, random sets, and a router fitted on
 * exchanged features.
 */
export function reportedMethods(
  decoder: Decoder,
  calibration: Calibration,
  { evidence, aloneMeans, shuffled }: Fitted,
): Method[] {
  const { layers } = decoder.shape;
  const isOuter = (layer: number) => outerLayers(layers).includes(layer);
  const inner = Array.from({ length: layers }, (_, layer) => layer).filter(
    (layer) => !isOuter(layer),
  );
  const counts = reportedCounts.filter((count) => count <= calibration.order.length);
  const bySelector = (selector: LayerSelector<Capability>, own = counts): Method => ({
    name: selector.name,
    counts: own,
    choose: (prompt, skip) => chooseBy(selector, decoder, evidence.get(prompt)!, skip),
  });
  const exchanged = ridgeRouter({
    calibration: { ...calibration, routers: { ridge: shuffled.ridge[0].map } },
  });
  return [
    {
      name: 'random',
      counts,
      choose: (prompt, skip) => randomSet(inner, skip, `random ${prompt} ${skip}`),
    },
    bySelector(unifiedSkipping()),
    bySelector(evenlySpread()),
    bySelector(shortGPT({ calibration })),
    bySelector(promptInfluence()),
    { ...bySelector(adaSkip()), scaled: true },
    {
      name: 'lowest mean KL alone',
      counts,
      choose: (_, skip) =>
        cheapest(
          aloneMeans.map((kl, layer) => (layer === 0 ? Number.POSITIVE_INFINITY : kl)),
          skip,
        ),
    },
    bySelector(staticGreedy({ calibration })),
    { ...bySelector(withCompensation(staticGreedy({ calibration }))), scaled: true },
    bySelector(ridgeRouter({ calibration })),
    bySelector(logisticRouter({ calibration })),
    bySelector(setRouter({ calibration }), decidedCounts),
    { ...bySelector(exchanged), name: 'ridgeRouter, features exchanged', counts: decidedCounts },
  ];
}

/** As `layerSkip({ selector, skip })` chooses. */
function chooseBy(
  selector: LayerSelector<Capability>,
  decoder: Decoder,
  evidence: PromptEvidence,
  skip: number,
): number[] {
  const never = [0, ...(selector.protects?.(decoder.shape.layers) ?? [])];
  const costs = selector
    .costs(decoder, evidence, skip)
    .map((cost, layer) => (never.includes(layer) ? Number.POSITIVE_INFINITY : cost));
  return cheapest(costs, skip);
}
