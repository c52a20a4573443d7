import { randomStream } from '@pliant/core';
import { mean } from './mean.js';

/** A mean with the middle 95 % of its resampled values. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const resamples = 10_000;

/**
 * Bootstrap of a mean over prompts, in clusters: families are drawn with replacement, then prompts
 * within each. With one family it is the plain bootstrap.
 * @param values of each prompt
 * @param families of each prompt
 * @returns the resampled means, ascending
 */
function bootstrapMeans(
  values: readonly number[],
  families: readonly string[],
  seed: number,
): Float64Array {
  const random = randomStream(seed, 'bootstrap');
  const clusters = [...new Set(families)].map((name) =>
    values.filter((_, i) => families[i] === name),
  );
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)];
  return Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    let count = 0;
    for (let draw = 0; draw < clusters.length; draw++) {
      const cluster = pick(clusters);
      for (let i = 0; i < cluster.length; i++) sum += pick(cluster);
      count += cluster.length;
    }
    return sum / count;
  }).sort();
}

export function bootstrapInterval(
  values: readonly number[],
  families: readonly string[],
  seed: number,
): Interval {
  const means = bootstrapMeans(values, families, seed);
  const at = (share: number) => means[Math.round(share * (means.length - 1))];
  return { mean: mean(values), low: at(0.025), high: at(0.975) };
}

/** One-sided: how likely a mean gain of at most 0 is. Never below 1 / (resamples + 1). */
export function pValueOfGain(
  gains: readonly number[],
  families: readonly string[],
  seed: number,
): number {
  const means = bootstrapMeans(gains, families, seed);
  const atMost = means.filter((resampled) => resampled <= 0).length;
  return (atMost + 1) / (means.length + 1);
}

/** Holm's adjustment of p-values, in their order. */
export function holm(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((a, b) => pValues[a] - pValues[b]);
  const adjusted = new Array<number>(pValues.length);
  let least = 0;
  order.forEach((at, rank) => {
    least = Math.max(least, Math.min(1, (pValues.length - rank) * pValues[at]));
    adjusted[at] = least;
  });
  return adjusted;
}
