import type { Atom } from './atoms.js';
import { conjunctions, type Literal } from './conjunctions.js';
import { always, type Formula, type Formulas, never } from './formula.js';
import { type NumberOptions, type NumberTracker, numberTracker } from './number-tracker.js';
import type { JsonObject } from './schema-document.js';

export type NumberRule =
  /** `spelled`: without point and exponent, as draft 4 wants it. */
  | { readonly keyword: 'integer'; readonly spelled: boolean }
  | {
      readonly keyword:
        | 'minimum'
        | 'maximum'
        | 'exclusiveMinimum'
        | 'exclusiveMaximum'
        | 'multipleOf';
      readonly limit: number;
    };

type Bounds = { -readonly [Key in keyof NumberOptions]: NumberOptions[Key] };

const limits = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
] as const;

const opposite = {
  minimum: 'exclusiveMaximum',
  maximum: 'exclusiveMinimum',
  exclusiveMinimum: 'maximum',
  exclusiveMaximum: 'minimum',
} as const;

/** Formulas about numbers. */
export class NumberRules {
  readonly #trackers = new WeakMap<Formula, readonly NumberTracker[]>();

  constructor(
    readonly formulas: Formulas,
    readonly style: 'any' | 'plain',
  ) {}

  atom(rule: NumberRule): Formula {
    const limit = rule.keyword === 'integer' ? rule.spelled : rule.limit;
    return this.formulas.atom(`n${rule.keyword}${limit}`, () => ({ type: 'number', rule }));
  }

  /** What the keywords of a schema ask. */
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
    return this.formulas.or(
      values.map((limit) =>
        this.formulas.and([
          this.atom({ keyword: 'minimum', limit }),
          this.atom({ keyword: 'maximum', limit }),
        ]),
      ),
    );
  }

  canBegin(goal: Formula): boolean {
    return this.trackers(goal).length > 0;
  }

  /** One for each way to satisfy the formula: a number is possible as long as one of them takes it. */
  trackers(goal: Formula): readonly NumberTracker[] {
    const known = this.#trackers.get(goal);
    if (known) return known;
    const bounds = conjunctions(goal).map((literals) => this.#boundsOf(literals));
    const distinct = new Map(bounds.map((options) => [JSON.stringify(options), options]));
    const trackers = [...distinct.values()]
      .map((options) => numberTracker(options))
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

  #boundsOf(literals: readonly Literal[]): NumberOptions {
    const bounds: Bounds = this.style === 'plain' ? { style: 'plain' } : {};
    for (const { formula, positive } of literals) {
      const { rule } = formula.atom as Extract<Atom, { type: 'number' }>;
      if (rule === undefined) continue;
      if (rule.keyword === 'integer') {
        if (!positive) continue;
        bounds.integer = true;
        if (rule.spelled) bounds.style = 'plain';
      } else if (rule.keyword === 'multipleOf') {
        if (positive) bounds.multipleOf = commonMultiple(bounds.multipleOf, rule.limit);
      } else {
        const keyword = positive ? rule.keyword : opposite[rule.keyword];
        const isLower = keyword === 'minimum' || keyword === 'exclusiveMinimum';
        const known = bounds[keyword] ?? rule.limit;
        bounds[keyword] = isLower ? Math.max(known, rule.limit) : Math.min(known, rule.limit);
      }
    }
    return bounds;
  }
}

/** A number that both divide; the first alone where that is not known, which promises too much. */
function commonMultiple(a: number | undefined, b: number): number {
  if (a === undefined || a === b) return b;
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return a;
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  const multiple = (a / x) * b;
  return Number.isSafeInteger(multiple) ? multiple : a;
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
