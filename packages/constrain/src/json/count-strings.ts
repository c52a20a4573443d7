import { type Formula, never } from './formula.js';
import { characterClasses } from './string-characters.js';
import type { StringRules } from './string-rules.js';

/** Beginnings that are told apart. */
const maxVisited = 2_000;

/** How many strings satisfy a formula; `most` where they are as many, or where it takes long to find out. */
export function countStrings(rules: StringRules, from: Formula, most: number): number {
  let level = new Map([[from, 1]]);
  let visited = 0;
  let count = 0;
  while (level.size > 0) {
    const next = new Map<Formula, number>();
    for (const [formula, beginnings] of level) {
      if (!rules.isViable(formula)) continue;
      if (rules.mayEnd(formula)) count += beginnings;
      visited++;
      if (count >= most || visited > maxVisited) return most;
      for (const { character, size } of characterClasses(formula)) {
        const after = rules.stepAll(formula, character);
        if (after !== never) next.set(after, (next.get(after) ?? 0) + beginnings * size);
      }
    }
    level = next;
  }
  return count;
}
