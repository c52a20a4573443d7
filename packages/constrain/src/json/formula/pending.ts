import { always, type Formula, type Formulas, never } from './formula.js';

/**
 * The formula of an atom that becomes `ifTrue` or `ifFalse` once it is known whether the current
 * member or item satisfies `value`.
 */
export function pending(
  formulas: Formulas,
  value: Formula,
  ifTrue: Formula,
  ifFalse: Formula,
): Formula {
  if (value === always || ifTrue === ifFalse) return ifTrue;
  if (value === never) return ifFalse;
  return formulas.atom(`q${value.id},${ifTrue.id},${ifFalse.id}`, () => ({
    type: 'pending',
    value,
    ifTrue,
    ifFalse,
  }));
}

/** The demands that the formulas of a container wait for. */
export function demandsOf(formulas: Formulas, waiting: readonly Formula[]): Formula[] {
  const demands = new Set<Formula>();
  for (const formula of waiting)
    formulas.map(formula, (atom, same) => {
      if (atom.type === 'pending') demands.add(atom.value);
      return same;
    });
  return [...demands];
}

/**
 * The formula with what is pending spelled out: the value satisfies its demand, or not, and then
 * goes on so.
 */
export function spellOut(formulas: Formulas, formula: Formula): Formula {
  return formulas.map(formula, (atom, same) => {
    if (atom.type !== 'pending') return same;
    const { value } = atom;
    const demand = formulas.atom(`d${value.id}`, () => ({ type: 'demand', value }));
    return formulas.or([
      formulas.and([demand, atom.ifTrue]),
      formulas.and([formulas.not(demand), atom.ifFalse]),
    ]);
  });
}

/**
 * Replaces pending atoms once the value is there.
 * @param verdicts by demand: always, never, or what is judged late
 */
export function settle(
  formulas: Formulas,
  formula: Formula,
  verdicts: ReadonlyMap<Formula, Formula>,
): Formula {
  return formulas.map(formula, (atom, same) => {
    if (atom.type !== 'pending') return same;
    const verdict = verdicts.get(atom.value)!;
    if (verdict === always) return atom.ifTrue;
    if (verdict === never) return atom.ifFalse;
    return formulas.or([
      formulas.and([verdict, atom.ifTrue]),
      formulas.and([formulas.not(verdict), atom.ifFalse]),
    ]);
  });
}
