import { mean } from './mean.js';

/** A mean and its standard error. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
}

/**
 * Mean of a sample; the standard error is the sample's standard deviation (n - 1) over the square
 * root of n, 0 for one value.
 * @throws RangeError for an empty sample
 */
export function estimate(values: readonly number[]): Estimate {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const variance = squares / Math.max(1, values.length - 1);
  return { mean: centre, standardError: Math.sqrt(variance / values.length) };
}

/**
 * The average over tasks, each counting the same. Tasks are fixed and prompts are drawn, so the
 * variances of the tasks' means add up.
 * @param perTask values of each task's prompts
 */
export function averageOverTasks(perTask: readonly (readonly number[])[]): Estimate {
  const tasks = perTask.map(estimate);
  return {
    mean: mean(tasks.map((task) => task.mean)),
    standardError: Math.hypot(...tasks.map((task) => task.standardError)) / tasks.length,
  };
}

/**
 * `averageOverTasks` of the differences a - b, prompt by prompt: what two methods that saw the same
 * prompts differ by.
 */
export function pairedDifference(
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
): Estimate {
  return averageOverTasks(
    a.map((values, task) => values.map((value, prompt) => value - b[task][prompt])),
  );
}
