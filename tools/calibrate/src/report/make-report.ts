import type { Calibration } from '@pliant/layer-skip';
import { bootstrapInterval, type Interval, spearman } from '@pliant/shared/statistics';
import { type Fitted, tunedCount } from '../calibrate.js';
import { sumAlone } from '../fit/layer-costs.js';
import { randomSet } from '../fit/random-sets.js';
import { meanEffect } from '../measure/mean-effect.js';
import type { Effect, Measurements } from '../measure/measurements.js';
import type { CorpusPrompt } from '../prompts/corpus.js';
import { type Decision, decide, type ShuffleControl } from './decide.js';
import { type Evaluation, evaluateMethods } from './evaluate.js';
import type { Method } from './methods.js';
import { type OracleGap, oracleGap } from './oracle.js';
import type { ScoreRow } from './scores.js';
import type { Speeds } from './speeds.js';

/** Sets and prompts that the check of additivity looks at. */
const checkedSets = 50;
const checkedPrompts = 8;

export interface ReportRow {
  readonly method: string;
  readonly skip: number;
  readonly kl: Interval;
  readonly agreement: Interval;
}

export interface Report {
  readonly model: Calibration['model'];
  readonly prompts: { readonly train: number; readonly test: number; readonly unseen: number };
  readonly rows: readonly ReportRow[];
  /** On the family that nothing was fitted on. */
  readonly unseenRows: readonly ReportRow[];
  readonly decision: Decision;
  /** Relative gains on the prompts of the fit, each left out in turn. */
  readonly shuffles: readonly ShuffleControl[];
  readonly oracles: readonly (OracleGap & { readonly skip: number; readonly sets: number })[];
  /**
   * Spearman's correlation, over random sets, of their mean KL with the sum of their layers' KLs
   * alone.
   */
  readonly additivity: readonly { readonly skip: number; readonly correlation: number }[];
  readonly greedy: Fitted['greedy'];
  readonly aloneMeans: readonly number[];
  readonly speeds?: {
    readonly gates: readonly [number, number][];
    readonly cut: readonly [number, number][];
  };
  readonly scores?: readonly ScoreRow[];
}

/** Measures what is reported, on prompts that nothing was fitted on. */
export async function makeReport(
  measurements: Measurements,
  prompts: readonly CorpusPrompt[],
  fitted: Fitted,
  methods: readonly Method[],
  {
    model,
    speeds,
    scores,
  }: {
    readonly model: Calibration['model'];
    readonly speeds?: Speeds;
    readonly scores?: readonly ScoreRow[];
  },
): Promise<Report> {
  const { train, test, unseen } = fitted.split;
  const familiesOf = (indices: readonly number[]) => indices.map((index) => prompts[index].family);
  const evaluations = await evaluateMethods(measurements, methods, test);
  const unseenEvaluations =
    unseen.length > 0 ? await evaluateMethods(measurements, methods, unseen) : [];
  const shuffles = shuffleControls(fitted);
  const oracles: Report['oracles'][number][] = [];
  for (const { skip, sets } of fitted.sets) {
    const effects: Effect[][] = [];
    for (const index of test) effects.push(await measurements.effects(index, sets));
    oracles.push({ skip, sets: sets.length, ...oracleGap(effects) });
  }
  return {
    model,
    prompts: { train: train.length, test: test.length, unseen: unseen.length },
    rows: evaluations.map((evaluation) => rowOf(evaluation, familiesOf(test))),
    unseenRows: unseenEvaluations.map((evaluation) => rowOf(evaluation, familiesOf(unseen))),
    decision: decide(evaluations, familiesOf(test), unseenEvaluations, shuffles),
    shuffles,
    oracles,
    additivity: await additivity(measurements, fitted, model.layers),
    greedy: fitted.greedy,
    aloneMeans: fitted.aloneMeans,
    ...(speeds && { speeds: { gates: [...speeds.gates], cut: [...speeds.cut] } }),
    ...(scores && { scores }),
  };
}

function rowOf({ method, skip, effects }: Evaluation, families: readonly string[]): ReportRow {
  const interval = (values: readonly number[]) => bootstrapInterval(values, families, skip);
  return {
    method,
    skip,
    kl: interval(effects.map(({ kl }) => kl)),
    agreement: interval(effects.map(({ agreement }) => agreement)),
  };
}

function shuffleControls({ ridge, logistic, sets, shuffled }: Fitted): ShuffleControl[] {
  const gain = ({ cost, staticCost }: { cost: number; staticCost: number }) =>
    1 - cost / staticCost;
  const ascending = (gains: number[]) => gains.sort((a, b) => a - b);
  return [
    {
      router: 'ridgeRouter',
      skip: tunedCount,
      gain: gain(ridge),
      exchanged: ascending(shuffled.ridge.map(gain)),
    },
    {
      router: 'logisticRouter',
      skip: tunedCount,
      gain: gain(logistic),
      exchanged: ascending(shuffled.logistic.map(gain)),
    },
    ...sets.map((own, i) => ({
      router: 'setRouter' as const,
      skip: own.skip,
      gain: gain(own),
      exchanged: ascending(shuffled.sets.map((other) => gain(other[i]))),
    })),
  ];
}

async function additivity(measurements: Measurements, fitted: Fitted, layers: number) {
  const { split, aloneMeans } = fitted;
  const some = split.train.slice(0, checkedPrompts);
  const candidates = Array.from({ length: layers - 1 }, (_, i) => i + 1);
  const skip = 5;
  const sets = Array.from({ length: checkedSets }, (_, i) =>
    randomSet(candidates, skip, `additivity ${i}`),
  );
  const effects: Effect[][] = [];
  for (const index of some) effects.push(await measurements.effects(index, sets));
  const kls = sets.map((_, set) => meanEffect(effects.map((own) => own[set])).kl);
  const sums = sets.map((set) => sumAlone(aloneMeans, set));
  return [{ skip, correlation: spearman(sums, kls) }];
}
