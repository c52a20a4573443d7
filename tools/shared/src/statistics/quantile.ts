import { mean } from './mean.js';

/** A sample in short: the median and the middle half. */
export interface Summary {
  readonly median: number;
  /** 25th and 75th percentile. */
  readonly quartiles: readonly [number, number];
  readonly count: number;
}

/** @throws RangeError for an empty sample */
export function summarise(values: readonly number[]): Summary {
  return {
    median: quantile(values, 0.5),
    quartiles: [quantile(values, 0.25), quantile(values, 0.75)],
    count: values.length,
  };
}

/**
 * The middle value, or the mean of the two in the middle.
 * @throws RangeError for an empty sample
 */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * Linear between the two nearest values.
 * @param share 0 to 1
 * @throws RangeError for an empty sample
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('an empty sample has no quantiles');
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/**
 * The ratio of two things measured side by side: the median over rounds of a / b within the round,
 * so that what slows a whole round down cancels.
 */
export function pairedRatio(a: readonly number[], b: readonly number[]): Summary {
  if (a.length !== b.length)
    throw new RangeError(`${a.length} rounds of one, ${b.length} of the other`);
  return summarise(a.map((value, round) => value / b[round]));
}

/**
 * The slope of log(time) over log(size), by least squares: 1 where times grow with the size, 2
 * where they grow with its square.
 */
export function exponentOf(sizes: readonly number[], times: readonly number[]): number {
  const xs = sizes.map(Math.log);
  const ys = times.map(Math.log);
  const [x, y] = [mean(xs), mean(ys)];
  const rise = xs.reduce((sum, at, i) => sum + (at - x) * (ys[i] - y), 0);
  return rise / xs.reduce((sum, at) => sum + (at - x) ** 2, 0);
}
