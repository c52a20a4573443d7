/**
 * The arithmetic mean, summed from the first value to the last.
 * @throws RangeError for an empty sample
 */
export function mean(values: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    sum += value;
    count++;
  }
  if (count === 0) throw new RangeError('an empty sample has no mean');
  return sum / count;
}
