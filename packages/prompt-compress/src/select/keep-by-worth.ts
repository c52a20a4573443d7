import { countMarks } from '../tokens/marks.js';
import type { Unit } from '../tokens/token-range.js';
import { type UnitRanking, worthOfUnits } from './rank-units.js';

/**
 * Share of answers whose evidence is worth at least this much of the best unit. Measured with the
 * embedded model on the half of the real documents that is for tuning (tools/eval real), with the
 * default weights.
 */
const thresholds = [
  [0, 1],
  [0.8, 0.48],
  [0.9, 0.33],
  [0.97, 0.22],
  [1, 0],
] as const;

/**
 * Decides how many tokens to keep so that a share of the evidence stays. They are those that stay
 * in any case, the units begun by them, and the units that are worth enough, with what these need.
 * All stay if nothing tells the units apart.
 * @param evidence above 0, at most 1
 * @param first units that are kept before any other
 */
export function keepByWorth(
  units: readonly Unit[],
  ranking: UnitRanking,
  evidence: number,
  first: readonly Unit[] = [],
): { readonly keep: number; readonly reason: string } {
  const threshold = thresholdOf(evidence);
  const worth = worthOfUnits(units, ranking);
  const best = worth.reduce((a, b) => Math.max(a, b), 0);
  if (best === 0)
    return {
      keep: ranking.required.length,
      reason: `none of ${units.length} units has anything to do with what is asked, so all of them were kept`,
    };
  const chosen = units.filter((_, i) => worth[i] > 0 && worth[i] >= threshold * best);
  const begun = units.filter(({ from, to }) => ranking.required.subarray(from, to).includes(1));
  const marks = ranking.required.slice();
  for (const unit of [...begun, ...first, ...chosen])
    for (const { from, to } of [unit, ...(unit.needs ?? [])]) marks.fill(1, from, to);
  const keep = countMarks(marks);
  return {
    keep,
    reason: `${chosen.length} of ${units.length} units are worth at least ${threshold.toFixed(2)} of the best, which keeps about ${Math.round(evidence * 100)} % of the evidence`,
  };
}

function thresholdOf(evidence: number): number {
  const above = thresholds.findIndex(([share]) => share >= evidence);
  const [share, threshold] = thresholds[above];
  if (share === evidence) return threshold;
  const [lower, higher] = thresholds[above - 1];
  return higher + ((threshold - higher) * (evidence - lower)) / (share - lower);
}
