import type { TokenRange } from './token-range.js';

/**
 * Whole sentences or lines, by the best or the mean score of their tokens, best first; of equal ones the earlier.
 * @param score [n]
 */
export function rankUnits(
  score: Float64Array,
  units: readonly TokenRange[],
  unitScore: 'max' | 'mean',
): TokenRange[] {
  const worth = units.map(({ from, to }) => {
    const scores = score.subarray(from, to);
    return unitScore === 'max'
      ? scores.reduce((best, value) => Math.max(best, value))
      : scores.reduce((sum, value) => sum + value) / scores.length;
  });
  return units
    .map((_, index) => index)
    .sort((a, b) => worth[b] - worth[a] || a - b)
    .map((index) => units[index]);
}
