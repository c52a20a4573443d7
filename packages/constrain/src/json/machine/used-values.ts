import { always, type Formula } from '../formula/formula.js';
import type { SeenItems } from '../sets/seen-items.js';
import { fewValues, type Holder } from './few-values.js';
import type { Satisfiability } from './satisfiability.js';

/** Satisfiability by their canonical text; undefined if they are many. */
type Few = ReadonlyMap<string, unknown> | undefined;

const holders: readonly Holder[] = ['array', 'object'];

/** Finds the arrays and objects that are left for an item that must differ from those so far. */
export class UsedValues {
  readonly #few = {
    array: new WeakMap<Formula, { few: Few }>(),
    object: new WeakMap<Formula, { few: Few }>(),
  };
  readonly #lists = new Map<string, Formula>();
  #isListing = false;

  constructor(readonly values: Satisfiability) {}

  /**
   * Where the arrays or objects that satisfy a formula are few: it is one of those that were not
   * there.
   */
  without(formula: Formula): Formula {
    const seen = unseenOf(formula);
    if (!seen) return formula;
    const parts = [formula];
    for (const kind of holders) {
      const left = seen.kinds.has(kind) ? this.left(formula, kind) : undefined;
      if (left) parts.push(this.#among(kind, left));
    }
    return this.values.formulas.and(parts);
  }

  /** The arrays or objects that satisfy a formula, without those that were there. */
  left(formula: Formula, kind: Holder): Few {
    const few = this.#fewOf(formula, kind);
    const seen = unseenOf(formula);
    if (!few || !seen) return few;
    return new Map([...few].filter(([text]) => seen.all.find(text) === undefined));
  }

  #fewOf(formula: Formula, kind: Holder): Few {
    const { values } = this;
    const whole = values.formulas.map(formula, (atom, same) =>
      atom.type === 'unseen' ? always : same,
    );
    const known = this.#few[kind].get(whole);
    if (known) return known.few;
    // A recursive question counts as many.
    if (this.#isListing) return undefined;
    this.#isListing = true;
    let few: Few;
    try {
      few = fewValues(values, whole, kind);
    } finally {
      this.#isListing = false;
    }
    if (!values.isAsking) this.#few[kind].set(whole, { few });
    return few;
  }

  #among(kind: Holder, list: ReadonlyMap<string, unknown>): Formula {
    const key = JSON.stringify([kind, ...list.keys()]);
    const known = this.#lists.get(key) ?? this.values.schemas.among(kind, [...list.values()]);
    this.#lists.set(key, known);
    return known;
  }
}

/** The items that a value must not be, where all ways to satisfy a formula ask for that. */
function unseenOf({ op, atom, parts }: Formula): SeenItems | undefined {
  if (atom?.type === 'unseen') return atom.items;
  if (op === 'and') return parts.map(unseenOf).find((items) => items !== undefined);
  if (op !== 'or') return undefined;
  const [first, ...others] = parts.map(unseenOf);
  return others.every((items) => items === first) ? first : undefined;
}
