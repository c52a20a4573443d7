import { always, type Formula } from '../formula/formula.js';
import type { StringSearch } from './string-search.js';

/**
 * Whether patterns can be satisfied together because each of them can be satisfied after any
 * beginning that all else allows, and then for good: one after the other. False says nothing.
 * @param parts all of which are asked
 */
export function arePatient(
  search: StringSearch,
  parts: readonly Formula[],
  least: number,
  most: number,
): boolean {
  const waiting = parts.filter((part) => isPatient(search, part));
  if (waiting.length === 0) return false;
  const rest = search.formulas.and(parts.filter((part) => !waiting.includes(part)));
  let furthest = 0;
  for (const part of waiting) {
    const graph = search.graphOf(search.formulas.and([rest, part]));
    if (!graph) return false;
    const canGrow = least === 0 || rest === always || graph.isEndless(least);
    furthest += Math.max(...graph.distances);
    if (!canGrow || furthest === Number.POSITIVE_INFINITY) return false;
  }
  if (most === Number.POSITIVE_INFINITY) return true;
  return rest === always ? Math.max(furthest, least) <= most : least === 0 && furthest <= most;
}

/** Whether a pattern is never too late to be satisfied, and asks no more once it is. */
function isPatient(search: StringSearch, part: Formula): boolean {
  if (part.atom?.type !== 'pattern') return false;
  const graph = search.graphOf(part);
  if (!graph?.isTotal) return false;
  return !graph.ends.some((end, i) => end && graph.nodes[i] !== always);
}
