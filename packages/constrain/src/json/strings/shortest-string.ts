import { type Formula, never } from '../formula/formula.js';
import { boundsOf } from './string-bounds.js';
import { characterClasses } from './string-characters.js';
import type { StringRules } from './string-rules.js';
import type { StringSearch } from './string-search.js';

/** Formulas that the search for a short string goes through. */
const maxVisited = 10_000;

interface Step {
  readonly from: Formula;
  readonly character: string;
  readonly length: number;
}

/**
 * Few characters, as bytes, after which a string may end; undefined if a bounded search finds none.
 * The way is first tried on that seems shortest: by the characters that each pattern asks for
 * alone.
 */
export function shortestString(
  rules: StringRules,
  search: StringSearch,
  from: Formula,
): string | undefined {
  const steps = new Map<Formula, Step | undefined>([[from, undefined]]);
  /** Sorted by the expected length of the whole. */
  const open: Formula[][] = [];
  const add = (formula: Formula, length: number) => {
    const expected = length + estimate(search, formula);
    open[expected] ??= [];
    open[expected].push(formula);
    return expected;
  };
  for (let at = add(from, 0); at < open.length; ) {
    const formula = open[at]?.pop();
    if (!formula) {
      at++;
      continue;
    }
    if (rules.mayEnd(formula)) return spell(steps, formula);
    if (steps.size > maxVisited) return undefined;
    const length = (steps.get(formula)?.length ?? 0) + 1;
    for (const { character } of characterClasses(formula)) {
      const next = rules.stepAll(formula, character);
      if (next === never || steps.has(next) || !rules.isViable(next)) continue;
      steps.set(next, { from: formula, character, length });
      at = Math.min(at, add(next, length));
    }
  }
  return undefined;
}

function spell(steps: ReadonlyMap<Formula, Step | undefined>, end: Formula): string {
  const characters: string[] = [];
  for (let step = steps.get(end); step; step = steps.get(step.from))
    characters.push(step.character);
  return characters.reverse().join('');
}

/** Characters that are missing at least, or a few more. */
function estimate(search: StringSearch, formula: Formula): number {
  const { least, rest } = boundsOf(formula);
  let missing = 0;
  for (const part of rest)
    if (part.atom?.type === 'pattern') missing += search.graphOf(part)?.distance(part) ?? 0;
  return Math.max(least, missing);
}
