/** A mean and its standard error. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
}

/**
 * Mean of a sample; the standard error is the sample's standard deviation (n - 1) over the square root of n, 0 for one value.
 * @throws RangeError for an empty sample
 */
export function estimate(values: readonly number[]): Estimate {
  const count = values.length;
  if (count === 0) throw new RangeError('an empty sample has no mean');
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const variance = squares / Math.max(1, count - 1);
  return { mean, standardError: Math.sqrt(variance / count) };
}

/**
 * The average over tasks, each counting the same. Tasks are fixed and prompts are drawn, so the variances of the tasks' means add up.
 * @param perTask values of each task's prompts
 */
export function averageOverTasks(perTask: readonly (readonly number[])[]): Estimate {
  const tasks = perTask.map(estimate);
  return {
    mean: tasks.reduce((sum, { mean }) => sum + mean, 0) / tasks.length,
    standardError: Math.hypot(...tasks.map((task) => task.standardError)) / tasks.length,
  };
}

/** `averageOverTasks` of the differences a - b, prompt by prompt: what two methods that saw the same prompts differ by. */
export function pairedDifference(
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
): Estimate {
  return averageOverTasks(
    a.map((values, task) => values.map((value, prompt) => value - b[task][prompt])),
  );
}

/** The middle value, or the mean of the two in the middle. @throws RangeError for an empty sample */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('an empty sample has no median');
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
