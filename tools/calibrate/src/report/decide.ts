import type { Calibration } from '@pliant/layer-skip';
import { bootstrapInterval, holm, type Interval, pValueOfGain } from '@pliant/shared/statistics';
import { decidedCounts, tunedCount } from '../calibrate.js';
import { type Evaluation, effectsOf } from './evaluate.js';

const routers = ['ridgeRouter', 'logisticRouter', 'setRouter'] as const;

/**
 * A router against the static greedy set of as many layers, on prompts that nothing was fitted on.
 */
export interface Comparison {
  readonly router: (typeof routers)[number];
  readonly skip: number;
  /** KL(static) - KL(router), in nats, with the middle 95 % of its bootstrap. */
  readonly gain: Interval;
  /** Share of the static set's KL. */
  readonly relativeGain: number;
  /** One-sided, adjusted by Holm over the numbers of layers. */
  readonly pValue: number;
  /** The relative gain on the family that nothing was fitted on; absent without one. */
  readonly relativeGainUnseen?: number;
}

export interface Decision {
  readonly ships: Calibration['ships'];
  /** The rule that a router had to satisfy to ship. */
  readonly rule: string;
  readonly comparisons: readonly Comparison[];
}

const leastGain = 0.05;
const level = 0.05;
const mostLossUnseen = 0.02;

/**
 * The gain over the static choice, beside those of fits on exchanged features, which are chance.
 */
export interface ShuffleControl {
  readonly router: (typeof routers)[number];
  readonly skip: number;
  readonly gain: number;
  /** Ascending. */
  readonly exchanged: readonly number[];
}

/**
 * A router ships where it lowers the KL by 5 % or more with 5 skipped layers, the adjusted
 * one-sided p-value is at most 0.05, it loses no more than 2 % on the unseen family, and its gain
 * on the prompts of the fit is above that of every fit on exchanged features; the one that gains
 * most. Otherwise the static set ships.
 * @param test evaluations on test prompts of known families
 * @param families of the test prompts
 * @param unseen evaluations on the unseen family; empty without one
 * @param shuffles of every router, with as many layers as routers are tuned for
 */
export function decide(
  test: readonly Evaluation[],
  families: readonly string[],
  unseen: readonly Evaluation[],
  shuffles: readonly ShuffleControl[],
): Decision {
  const comparisons = routers.flatMap((router) => {
    const own = decidedCounts.map((skip) => compare(router, skip, test, families, unseen));
    const adjusted = holm(own.map(({ pValue }) => pValue));
    return own.map((comparison, i) => ({ ...comparison, pValue: adjusted[i] }));
  });
  const winners = comparisons
    .filter(
      ({ router, skip, relativeGain, pValue, relativeGainUnseen = 0 }) =>
        skip === tunedCount &&
        isAboveChance(router, shuffles) &&
        relativeGain >= leastGain &&
        pValue <= level &&
        relativeGainUnseen >= -mostLossUnseen,
    )
    .sort((a, b) => b.relativeGain - a.relativeGain);
  return {
    ships: winners[0]?.router ?? 'staticGreedy',
    rule: `with ${tunedCount} layers skipped at least ${100 * leastGain} % less KL than staticGreedy, p <= ${level} (one-sided paired bootstrap over prompts within families, Holm), at most ${100 * mostLossUnseen} % more on the unseen family, and a gain above that of every fit on exchanged features`,
    comparisons,
  };
}

function isAboveChance(router: string, shuffles: readonly ShuffleControl[]): boolean {
  const own = shuffles.find((one) => one.router === router && one.skip === tunedCount);
  return own?.exchanged.every((gain) => own.gain > gain) ?? false;
}

function compare(
  router: (typeof routers)[number],
  skip: number,
  test: readonly Evaluation[],
  families: readonly string[],
  unseen: readonly Evaluation[],
): Comparison {
  const { gains, relative } = gainsOf(router, skip, test);
  const away = unseen.length > 0 && unseen[0].effects.length > 0;
  return {
    router,
    skip,
    gain: bootstrapInterval(gains, families, skip),
    relativeGain: relative,
    pValue: pValueOfGain(gains, families, skip),
    ...(away && { relativeGainUnseen: gainsOf(router, skip, unseen).relative }),
  };
}

function gainsOf(router: string, skip: number, evaluations: readonly Evaluation[]) {
  const fixed = effectsOf(evaluations, 'staticGreedy', skip).map(({ kl }) => kl);
  const own = effectsOf(evaluations, router, skip).map(({ kl }) => kl);
  const gains = fixed.map((kl, i) => kl - own[i]);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return { gains, relative: sum(gains) / sum(fixed) };
}
