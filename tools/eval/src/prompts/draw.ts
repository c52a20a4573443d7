/**
 * `count` different ones of `values`, in the order drawn (Fisher and Yates).
 * @throws RangeError when there are fewer
 */
export function drawDistinct<T>(values: readonly T[], count: number, random: () => number): T[] {
  if (count > values.length) throw new RangeError(`${count} of ${values.length} values`);
  const left = [...values];
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(random() * (left.length - i));
    [left[i], left[other]] = [left[other], left[i]];
  }
  return left.slice(0, count);
}

/** Different numbers of `digits` digits, none beginning with 0. */
export function drawNumbers(count: number, digits: number, random: () => number): string[] {
  const least = 10 ** (digits - 1);
  const numbers = new Set<string>();
  while (numbers.size < count) numbers.add(String(least + Math.floor(random() * 9 * least)));
  return [...numbers];
}
