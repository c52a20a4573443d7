import { meanColumns } from '../measure/mean-effect.js';
import { cheapest } from './layer-costs.js';

/**
 * Sets of `skip` layers for a router to choose from: the static greedy one first, then those that
 * cost the prompts of each family least by their layers alone, and those that cost all of them
 * least; each set once.
 * @param alone [n][L]
 * @param families of the n prompts
 */
export function candidateSets(
  order: readonly number[],
  skip: number,
  alone: readonly (readonly number[])[],
  families: readonly string[],
): number[][] {
  const sets = [order.slice(0, skip)];
  const cheapestOf = (rows: readonly (readonly number[])[]) =>
    cheapest(
      meanColumns(rows).map((cost, layer) => (layer === 0 ? Number.POSITIVE_INFINITY : cost)),
      skip,
    );
  sets.push(cheapestOf(alone));
  for (const family of new Set(families))
    sets.push(cheapestOf(alone.filter((_, prompt) => families[prompt] === family)));
  const known = new Map(sets.map((set) => [[...set].sort((a, b) => a - b).join(), set]));
  // The static one must be the first, whatever else is equal to it.
  const first = [...sets[0]].sort((a, b) => a - b).join();
  known.delete(first);
  return [sets[0], ...known.values()];
}
