import type { Formula } from './formula.js';

/** How many characters may follow, and what else a formula asks of strings. */
export interface StringBounds {
  readonly least: number;
  readonly most: number;
  /** Without what only the whole string decides. */
  readonly rest: readonly Formula[];
}

/** The lengths that all of a formula is bound to. */
export function boundsOf(formula: Formula): StringBounds {
  let least = 0;
  let most = Number.POSITIVE_INFINITY;
  const rest: Formula[] = [];
  for (const part of formula.op === 'and' ? formula.parts : [formula]) {
    const isNot = part.op === 'not';
    const atom = isNot ? part.parts[0].atom : part.atom;
    if (atom?.type === 'atLeast' && isNot) most = Math.min(most, atom.left - 1);
    else if (atom?.type === 'atLeast') least = Math.max(least, atom.left);
    else if (atom?.type === 'atMost' && isNot) least = Math.max(least, atom.left + 1);
    else if (atom?.type === 'atMost') most = Math.min(most, atom.left);
    else if (atom?.type !== 'check' && atom?.type !== 'late') rest.push(part);
  }
  return { least, most, rest };
}
