import { always, type Formula, type Formulas } from './formula.js';

let rules = 0;

/** The rule of `prefixItems` and `items` in one schema. */
export class ItemsRule {
  readonly #id = rules++;

  constructor(
    readonly first: readonly Formula[],
    readonly rest: Formula,
  ) {}

  demand(index: number): Formula {
    return index < this.first.length ? this.first[index] : this.rest;
  }

  /** Before the item at `index`. */
  atom(formulas: Formulas, index: number): Formula {
    const at = Math.min(index, this.first.length);
    if (at === this.first.length && this.rest === always) return always;
    return formulas.atom(`i${this.#id},${at}`, () => ({ type: 'items', rule: this, index: at }));
  }
}
