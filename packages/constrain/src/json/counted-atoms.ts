import { always, type Formula, type Formulas, never } from './formula.js';
import type { NameSet } from './name-set.js';

export function atLeast(formulas: Formulas, left: number): Formula {
  return left <= 0 ? always : formulas.atom(`a${left}`, () => ({ type: 'atLeast', left }));
}

export function atMost(formulas: Formulas, left: number): Formula {
  if (left === Number.POSITIVE_INFINITY) return always;
  return left < 0 ? never : formulas.atom(`b${left}`, () => ({ type: 'atMost', left }));
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
