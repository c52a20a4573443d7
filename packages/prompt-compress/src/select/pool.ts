/**
 * Pools each score with its neighbours: maximum or average over `kernel` scores, stride 1, zero
 * padding: floor((kernel - 1) / 2) on the left, the rest on the right. The average always divides
 * by `kernel`, also at the borders.
 * @param score [n], 0 or more
 * @param kernel 1 or more, odd or even
 * @returns [n]
 */
export function pool(score: Float64Array, kernel: number, kind: 'max' | 'mean'): Float64Array {
  const left = Math.floor((kernel - 1) / 2);
  const pooled = new Float64Array(score.length);
  for (let i = 0; i < score.length; i++) {
    const from = Math.max(i - left, 0);
    const to = Math.min(i - left + kernel, score.length);
    let max = 0;
    let sum = 0;
    for (let j = from; j < to; j++) {
      sum += score[j];
      if (score[j] > max) max = score[j];
    }
    pooled[i] = kind === 'max' ? max : sum / kernel;
  }
  return pooled;
}
