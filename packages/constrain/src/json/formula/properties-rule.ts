import { always, type Formula, type Formulas } from './formula.js';
import type { StringPattern } from './string-pattern.js';
import { sortedBytes, toBytes } from './word-list.js';

let rules = 0;
/** Names whose demands are kept. */
const maxKept = 5_000;

/** The rule of `properties`, `patternProperties` and `additionalProperties` in one schema. */
export class PropertiesRule {
  readonly id = rules++;
  readonly #demands = new Map<string, Formula>();
  /** Whether members without a name of their own are free. */
  readonly #isOpen: boolean;
  #sorted: readonly string[] | undefined;

  /**
   * @param named in the schema's order
   * @param additional of members that neither have a name here nor match a pattern
   */
  constructor(
    readonly named: ReadonlyMap<string, Formula>,
    readonly patterns: readonly { readonly pattern: StringPattern; readonly value: Formula }[],
    readonly additional: Formula,
  ) {
    this.#isOpen = patterns.length === 0 && additional === always;
  }

  /** The formula of a member's value. */
  demand(formulas: Formulas, name: string): Formula {
    const known = this.#demands.get(name);
    if (known) return known;
    const own = this.named.get(name);
    const parts = own ? [own] : [];
    const bytes = this.patterns.length > 0 ? toBytes(name) : '';
    for (const { pattern, value } of this.patterns) if (pattern.matches(bytes)) parts.push(value);
    const demand = parts.length === 0 ? this.additional : formulas.and(parts);
    if (this.#demands.size >= maxKept) this.#demands.clear();
    this.#demands.set(name, demand);
    return demand;
  }

  /** The names that have a value of their own, as bytes, ascending. */
  sortedNames(): readonly string[] {
    this.#sorted ??= sortedBytes(this.named.keys());
    return this.#sorted;
  }

  start(formulas: Formulas): Formula {
    return this.#atom(formulas, this.#isOpen ? this.named.size : -1);
  }

  /** After a member that satisfied what it was asked for. */
  after(formulas: Formulas, left: number, name: string): Formula {
    return this.#atom(formulas, this.#isOpen && this.named.has(name) ? left - 1 : left);
  }

  #atom(formulas: Formulas, left: number): Formula {
    if (left === 0) return always;
    return formulas.atom(`o${this.id},${left}`, () => ({ type: 'properties', rule: this, left }));
  }
}
