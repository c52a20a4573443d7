/**
 * A set of code points as ranges [first, last, first, last, ...], ascending, disjoint, not
 * adjacent.
 */
export type CharSet = readonly number[];

export const lastCodePoint = 0x10ffff;
export const everything: CharSet = [0, lastCodePoint];
/**
 * Stands for bytes that are not UTF-8 and show as U+FFFD in a text. Only the set of everything
 * matches them.
 */
export const illFormed = lastCodePoint + 1;

/** The union of ranges in any order. */
export function charSet(ranges: readonly (readonly [first: number, last: number])[]): CharSet {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const set: number[] = [];
  for (const [first, last] of sorted) {
    if (set.length > 0 && first <= set[set.length - 1] + 1)
      set[set.length - 1] = Math.max(set[set.length - 1], last);
    else set.push(first, last);
  }
  return set;
}

export function union(sets: readonly CharSet[]): CharSet {
  return charSet(sets.flatMap((set) => rangesOf(set)));
}

export function complement(set: CharSet): CharSet {
  const result: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    if (set[i] > next) result.push(next, set[i] - 1);
    next = set[i + 1] + 1;
  }
  if (next <= lastCodePoint) result.push(next, lastCodePoint);
  return result;
}

export function has(set: CharSet, codePoint: number): boolean {
  let low = 0;
  let high = set.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (set[2 * middle + 1] < codePoint) low = middle + 1;
    else high = middle;
  }
  return low < set.length / 2 && set[2 * low] <= codePoint;
}

export function rangesOf(set: CharSet): [number, number][] {
  const ranges: [number, number][] = [];
  for (let i = 0; i < set.length; i += 2) ranges.push([set[i], set[i + 1]]);
  return ranges;
}
