import type { Formula } from '../formula/formula.js';

/** How many characters may follow, and what else a formula asks of strings. */
export interface StringBounds {
  readonly least: number;
  readonly most: number;
  /** Without what only the whole string decides. */
  readonly rest: readonly Formula[];
}

interface Range {
  least: number;
  most: number;
}

/** The lengths that all of a formula is bound to. */
export function boundsOf(formula: Formula): StringBounds {
  const characters: Range = { least: 0, most: Number.POSITIVE_INFINITY };
  const units: Range = { least: 0, most: Number.POSITIVE_INFINITY };
  const inUnits: Formula[] = [];
  const rest: Formula[] = [];
  for (const part of formula.op === 'and' ? formula.parts : [formula]) {
    const isNot = part.op === 'not';
    const atom = isNot ? part.parts[0].atom : part.atom;
    if (atom?.type === 'atLeast' || atom?.type === 'atMost') {
      narrow(atom.inUnits ? units : characters, atom, isNot);
      if (atom.inUnits) inUnits.push(part);
    } else if (atom?.type !== 'check' && atom?.type !== 'late') rest.push(part);
  }
  // Beside other things, each character has to be looked at for its units.
  if (rest.length > 0) return { ...characters, rest: [...rest, ...inUnits] };
  const { least, most } = characters;
  if (units.least > units.most) return { least: 1, most: 0, rest };
  return {
    least: Math.max(least, Math.ceil(units.least / 2)),
    most: Math.min(most, units.most),
    rest,
  };
}

function narrow(
  range: Range,
  { type, left }: { readonly type: 'atLeast' | 'atMost'; readonly left: number },
  isNot: boolean,
): void {
  if (type === 'atLeast' && !isNot) range.least = Math.max(range.least, left);
  else if (type === 'atLeast') range.most = Math.min(range.most, left - 1);
  else if (isNot) range.least = Math.max(range.least, left + 1);
  else range.most = Math.min(range.most, left);
}
