import { type Formula, never } from '../formula/formula.js';
import { characterClasses } from './string-characters.js';
import type { StringRules } from './string-rules.js';

/** Beginnings that are told apart. */
const maxVisited = 2_000;

/**
 * How many strings satisfy a formula; `most` where they are as many, or where it takes long to find
 * out.
 */
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

/** The strings that satisfy a formula, as bytes; undefined if there are more than `most`. */
export function listStrings(
  rules: StringRules,
  from: Formula,
  most: number,
): readonly string[] | undefined {
  if (countStrings(rules, from, most + 1) > most) return undefined;
  const found: string[] = [];
  let level: readonly (readonly [string, Formula])[] = [['', from]];
  while (level.length > 0) {
    const next: [string, Formula][] = [];
    for (const [bytes, formula] of level) {
      if (!rules.isViable(formula)) continue;
      if (rules.end(formula, bytes) !== never) found.push(bytes);
      for (const { character: one, members } of characterClasses(formula))
        if (rules.isViable(rules.stepAll(formula, one)))
          for (const character of members())
            next.push([bytes + character, rules.stepAll(formula, character)]);
    }
    level = next;
  }
  return found;
}
