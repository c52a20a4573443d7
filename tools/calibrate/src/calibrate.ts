import {
  type Calibration,
  outerLayers,
  type PromptEvidence,
  promptFeatures,
} from '@pliant/layer-skip';
import { candidateSets } from './fit/candidate-sets.js';
import type { RouterChoice, TrainingFeatures } from './fit/fit-linear.js';
import { fitLogisticRouter } from './fit/fit-logistic-router.js';
import { fitRidgeRouter } from './fit/fit-ridge-router.js';
import { fitSetRouter } from './fit/fit-set-router.js';
import { baseCosts, type LayerCosts } from './fit/layer-costs.js';
import { shuffledIndices } from './fit/random-sets.js';
import { gramMatrix, standardise } from './fit/standardise.js';
import { greedyOrder, type Step } from './measure/greedy-order.js';
import { meanColumns, meanEffect } from './measure/mean-effect.js';
import type { Effect, Measurements } from './measure/measurements.js';
import type { CorpusPrompt } from './prompts/corpus.js';
import { familiesInTurn, type Split, splitPrompts } from './prompts/split.js';

/** Numbers of skipped layers that sets are offered for and that the decision looks at. */
export const decidedCounts = [3, 5, 7];
/** The one that routers are tuned for. */
export const tunedCount = 5;
const shuffles = 20;

export interface Setting {
  readonly model: Calibration['model'];
  readonly length: number;
  readonly breadth: number;
  readonly greedyPrompts: number;
  readonly testShare: number;
  readonly unseenFamily?: string;
}

/** Sets that a router chooses among, and what it costs on the prompts it was fitted on. */
export interface SetChoice extends RouterChoice {
  readonly skip: number;
  readonly sets: readonly (readonly number[])[];
}

/** Everything that is fitted, on the training prompts alone. */
export interface Fitted {
  readonly split: Split;
  /** Evidence of every prompt with an answer that is long enough. */
  readonly evidence: ReadonlyMap<number, PromptEvidence>;
  /** [L], means over the training prompts. */
  readonly influences: readonly number[];
  readonly aloneMeans: readonly number[];
  readonly greedy: readonly Step[];
  readonly costs: LayerCosts;
  readonly ridge: RouterChoice;
  readonly logistic: RouterChoice;
  readonly sets: readonly SetChoice[];
  /**
   * The same fits with the features of the prompts exchanged at random: what remains of a gain is
   * chance.
   */
  readonly shuffled: {
    readonly ridge: readonly RouterChoice[];
    readonly logistic: readonly RouterChoice[];
    readonly sets: readonly (readonly SetChoice[])[];
  };
}

/** Measures and fits; deterministic for equal prompts and measurements. */
export async function calibrate(
  measurements: Measurements,
  prompts: readonly CorpusPrompt[],
  setting: Setting,
): Promise<Fitted> {
  const { layers, hidden } = setting.model;
  const skippable = Array.from({ length: layers - 1 }, (_, i) => i + 1);
  const evidence = new Map<number, PromptEvidence>();
  const alone = new Map<number, number[]>();
  for (const index of prompts.keys()) {
    const own = await measurements.evidence(index);
    if (!own) continue;
    const effects = await measurements.effects(
      index,
      skippable.map((layer) => [layer]),
    );
    evidence.set(index, own);
    alone.set(index, [0, ...effects.map(({ kl }) => kl)]);
  }
  const split = usable(splitPrompts(prompts, setting.testShare, setting.unseenFamily), evidence);
  const { train } = split;
  if (train.length < 3 || split.test.length === 0)
    throw new RangeError(
      `${train.length} prompts to fit on and ${split.test.length} to test on are too few`,
    );
  const trainAlone = train.map((index) => alone.get(index)!);
  const aloneMeans = meanColumns(trainAlone);
  const influences = meanColumns(
    train.map((index) => evidence.get(index)!.blockInfluences!.influences),
  );
  const some = familiesInTurn(train, prompts).slice(0, setting.greedyPrompts);
  const greedy = await measureGreedy(measurements, some, skippable, setting);
  const order = greedy.map(({ layer }) => layer);
  const base = baseCosts(
    order,
    greedy.map(({ kl }) => kl),
    aloneMeans,
    outerLayers(layers),
  );
  const costs: LayerCosts = { alone: trainAlone, base };
  const families = train.map((index) => prompts[index].family);
  const measured: { skip: number; sets: number[][]; kls: number[][] }[] = [];
  for (const skip of decidedCounts) {
    const sets = candidateSets(order, skip, trainAlone, families);
    const kls: number[][] = [];
    for (const index of train)
      kls.push((await measurements.effects(index, sets)).map(({ kl }) => kl));
    measured.push({ skip, sets, kls });
  }
  const fitSets = (features: TrainingFeatures): SetChoice[] =>
    measured.map(({ skip, sets, kls }) => ({ skip, sets, ...fitSetRouter(features, kls, 0) }));
  const meanLayers = [Math.round(layers / 10), Math.round(layers / 2)];
  const featuresOf = (indices: readonly number[]): TrainingFeatures => {
    const rows = indices.map((index) =>
      promptFeatures(evidence.get(index) as Required<PromptEvidence>, meanLayers),
    );
    const standardised = standardise(rows, [layers, 1, ...meanLayers.map(() => hidden)]);
    return { ...standardised, gram: gramMatrix(standardised.rows), meanLayers };
  };
  const features = featuresOf(train);
  const exchanged = Array.from({ length: shuffles }, (_, i) =>
    featuresOf(shuffledIndices(train.length, `shuffle ${i}`).map((at) => train[at])),
  );
  return {
    split,
    evidence,
    influences,
    aloneMeans,
    greedy,
    costs,
    ridge: fitRidgeRouter(features, costs, tunedCount),
    logistic: fitLogisticRouter(features, costs, tunedCount),
    sets: fitSets(features),
    shuffled: {
      ridge: exchanged.map((own) => fitRidgeRouter(own, costs, tunedCount)),
      logistic: exchanged.map((own) => fitLogisticRouter(own, costs, tunedCount)),
      sets: exchanged.map(fitSets),
    },
  };
}

/** The most measurements that `calibrate` and the report run for so many prompts. */
export function expectedMeasurements(prompts: number, setting: Setting, reported: number): number {
  const { layers } = setting.model;
  const greedySteps = Array.from({ length: setting.length - 1 }, (_, step) =>
    Math.min(setting.breadth, layers - 2 - step),
  ).reduce((a, b) => a + b, 0);
  const test = Math.round(prompts * (setting.testShare + 1 / 8));
  return (
    prompts * layers +
    Math.min(setting.greedyPrompts, prompts) * greedySteps +
    (prompts - test) * decidedCounts.length * 8 +
    test * reported
  );
}

function usable(split: Split, evidence: ReadonlyMap<number, PromptEvidence>): Split {
  const has = (index: number) => evidence.has(index);
  return {
    train: split.train.filter(has),
    test: split.test.filter(has),
    unseen: split.unseen.filter(has),
  };
}

/** On `some` of the training prompts. */
async function measureGreedy(
  measurements: Measurements,
  some: readonly number[],
  skippable: readonly number[],
  { length, breadth }: Setting,
): Promise<Step[]> {
  const measure = async (sets: readonly (readonly number[])[]) => {
    const byPrompt: Effect[][] = [];
    for (const index of some) byPrompt.push(await measurements.effects(index, sets));
    return sets.map((_, set) => meanEffect(byPrompt.map((effects) => effects[set])));
  };
  const singles = await measure(skippable.map((layer) => [layer]));
  return greedyOrder(
    singles.map((effect, i) => ({ layer: skippable[i], ...effect })),
    length,
    breadth,
    measure,
  );
}
