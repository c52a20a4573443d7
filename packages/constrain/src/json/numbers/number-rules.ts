import type { NumberRule } from '../formula/atoms.js';
import { conjunctions } from '../formula/conjunctions.js';
import { always, type Formula, type Formulas, never } from '../formula/formula.js';
import type { JsonObject } from '../schema/json-object.js';
import { NumberValues } from '../sets/number-values.js';
import type { SeenItems } from '../sets/seen-items.js';
import { type NumberStyle, type NumberTracker, numberTracker } from './number-tracker.js';
import { NumberWays } from './number-ways.js';

const limits = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
] as const;

/** Formulas about numbers. */
export class NumberRules {
  readonly #trackers = new WeakMap<Formula, readonly NumberTracker[]>();
  readonly #seen = new WeakMap<SeenItems, NumberValues | undefined>();
  readonly #ways: NumberWays;

  constructor(
    readonly formulas: Formulas,
    style: NumberStyle,
  ) {
    this.#ways = new NumberWays(style);
  }

  atom(rule: Exclude<NumberRule, { keyword: 'among' }>): Formula {
    const limit = rule.keyword === 'integer' ? rule.spelled : rule.limit;
    return this.formulas.atom(`n${rule.keyword}${limit}`, () => ({ type: 'number', rule }));
  }

  /** The formulas of a schema's keywords. */
  ofSchema(schema: JsonObject): Formula[] {
    const { exclusiveMinimum, exclusiveMaximum } = schema;
    return limits.flatMap((keyword) => {
      const limit = schema[keyword];
      if (typeof limit !== 'number') return [];
      // Draft 4 turns a bound into an exclusive one by true.
      if (keyword === 'minimum' && exclusiveMinimum === true)
        return [this.atom({ keyword: 'exclusiveMinimum', limit })];
      if (keyword === 'maximum' && exclusiveMaximum === true)
        return [this.atom({ keyword: 'exclusiveMaximum', limit })];
      return [this.atom({ keyword, limit })];
    });
  }

  /** One of the numbers. */
  oneOf(values: readonly number[]): Formula {
    return this.#among(NumberValues.of(values));
  }

  /** None of the numbers among the items. */
  unseen(items: SeenItems): Formula {
    const values = this.#valuesOf(items);
    return values ? this.formulas.not(this.#among(values)) : always;
  }

  #among(values: NumberValues): Formula {
    const rule = { keyword: 'among', values } as const;
    return this.formulas.atom(`nv${values.id}`, () => ({ type: 'number', rule }));
  }

  #valuesOf(items: SeenItems): NumberValues | undefined {
    const further: SeenItems[] = [];
    let at: SeenItems | undefined = items;
    for (; at && !this.#seen.has(at); at = at.before) further.push(at);
    let values = at && this.#seen.get(at);
    for (const item of further.reverse()) {
      if (item.kind === 'number') values = NumberValues.of([Number(item.scalar)], values);
      this.#seen.set(item, values);
    }
    return values;
  }

  canBegin(goal: Formula): boolean {
    return this.trackers(goal).length > 0;
  }

  /**
   * One for each way to satisfy the formula: a number is possible as long as one of them takes it.
   */
  trackers(goal: Formula): readonly NumberTracker[] {
    const known = this.#trackers.get(goal);
    if (known) return known;
    const trackers = this.#ways
      .trackers(conjunctions(goal))
      .filter((tracker) => tracker.start() !== undefined);
    this.#trackers.set(goal, trackers);
    return trackers;
  }

  /** Always or never (or late), for a finished number. */
  end(formula: Formula, text: string): Formula {
    if (formula === always || formula === never) return formula;
    const value = Number(text);
    return this.formulas.map(formula, (atom, same) => {
      if (atom.type !== 'number') return same;
      return satisfies(atom.rule, value, text) ? always : never;
    });
  }
}

function satisfies(rule: NumberRule, value: number, text: string): boolean {
  switch (rule.keyword) {
    case 'integer':
      return rule.spelled ? /^-?\d+$/.test(text) : Number.isInteger(value);
    case 'minimum':
      return value >= rule.limit;
    case 'maximum':
      return value <= rule.limit;
    case 'exclusiveMinimum':
      return value > rule.limit;
    case 'exclusiveMaximum':
      return value < rule.limit;
    case 'multipleOf':
      return isMultiple(rule.limit, text);
    case 'among':
      return rule.values.has(value);
  }
}

const multiples = new Map<number, NumberTracker>();
const maxMultiples = 1_000;
const lengths = { integer: 400, fraction: 400, exponent: 3 };

/** In exact decimals: 0.3 is a multiple of 0.1. */
function isMultiple(multipleOf: number, text: string): boolean {
  let tracker = multiples.get(multipleOf);
  if (!tracker) {
    if (multiples.size > maxMultiples) multiples.clear();
    tracker = numberTracker({ multipleOf, lengths });
    multiples.set(multipleOf, tracker);
  }
  let state = tracker.start();
  for (let i = 0; state && i < text.length; i++) state = tracker.step(state, text.charCodeAt(i));
  return state !== undefined && tracker.canEnd(state);
}
