import { PliantError } from '@pliant/core';

/**
 * Finds the indices of the `k` largest scores, ascending. Ties go to the lower index. Expected time
 * O(n): the k-th largest score is found by quickselect, then the indices are gathered in one pass.
 * @param scores [n], not changed; infinite ones are ranked like any other
 * @param k 0 to n
 * @throws PliantError if a score is not a number
 */
export function stableTopK(scores: Float32Array, k: number): Uint32Array {
  if (scores.some(Number.isNaN))
    throw new PliantError(
      'scores hold values that are not numbers and cannot be ranked; return a number for each row',
    );
  const kept = new Uint32Array(k);
  if (k === 0) return kept;
  const threshold = kthLargest(scores, k);
  let above = 0;
  for (const score of scores) if (score > threshold) above++;
  let ties = k - above;
  let count = 0;
  for (let i = 0; i < scores.length && count < k; i++) {
    if (scores[i] > threshold || (scores[i] === threshold && ties-- > 0)) kept[count++] = i;
  }
  return kept;
}

/** Hoare's quickselect on a copy, in descending order. */
function kthLargest(scores: Float32Array, k: number): number {
  const values = scores.slice();
  const target = k - 1;
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] > pivot) i++;
      while (pivot > values[j]) j--;
      if (i > j) break;
      const swapped = values[i];
      values[i++] = values[j];
      values[j--] = swapped;
    }
    if (target <= j) high = j;
    else if (target >= i) low = i;
    else break;
  }
  return values[target];
}
