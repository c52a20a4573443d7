/**
 * Index of the largest value; of equal values the lowest index. @param values [n], n at least 1,
 * without NaN
 */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
