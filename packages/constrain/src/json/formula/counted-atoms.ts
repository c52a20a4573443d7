import type { NameSet } from '../sets/name-set.js';
import { always, type Formula, type Formulas, never } from './formula.js';

export function atLeast(formulas: Formulas, left: number, inUnits = false): Formula {
  if (left <= 0) return always;
  const key = inUnits ? `aw${left}` : `a${left}`;
  return formulas.atom(key, () => ({ type: 'atLeast', left, inUnits }));
}

export function atMost(formulas: Formulas, left: number, inUnits = false): Formula {
  if (left === Number.POSITIVE_INFINITY) return always;
  if (left < 0) return never;
  const key = inUnits ? `bw${left}` : `b${left}`;
  return formulas.atom(key, () => ({ type: 'atMost', left, inUnits }));
}

/** @param names undefined: none is asked for */
export function required(formulas: Formulas, names: NameSet | undefined): Formula {
  return names ? formulas.atom(`r${names.id}`, () => ({ type: 'required', names })) : always;
}

export function propertyNames(formulas: Formulas, name: Formula): Formula {
  return name === always
    ? always
    : formulas.atom(`k${name.id}`, () => ({ type: 'propertyNames', name }));
}

export function contains(formulas: Formulas, item: Formula, least: number, most: number): Formula {
  if (most < 0) return never;
  const atLeastLeft = Math.max(0, least);
  if (atLeastLeft === 0 && most === Number.POSITIVE_INFINITY) return always;
  return formulas.atom(`c${item.id},${atLeastLeft},${most}`, () => ({
    type: 'contains',
    item,
    least: atLeastLeft,
    most,
  }));
}
