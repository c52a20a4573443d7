import type { Atom } from '../formula/atoms.js';
import type { Literal } from '../formula/conjunctions.js';
import { emptyTrie, type MarkedTrie } from '../sets/marked-trie.js';
import { keyOf, type NumberValues } from '../sets/number-values.js';
import { decimalOf, powerOfTen } from './number-decimal.js';
import { lengthsFor } from './number-lengths.js';
import { NumberSet } from './number-set.js';
import {
  type NumberOptions,
  type NumberStyle,
  type NumberTracker,
  numberTracker,
} from './number-tracker.js';

type Bounds = { -readonly [Key in keyof NumberOptions]: NumberOptions[Key] };

/** One way in which a number can be right. */
interface Way {
  readonly bounds: NumberOptions;
  /** It is none of these. */
  readonly out: readonly NumberValues[];
}

const opposite = {
  minimum: 'exclusiveMaximum',
  maximum: 'exclusiveMinimum',
  exclusiveMinimum: 'maximum',
  exclusiveMaximum: 'minimum',
} as const;

/** Ways whose bounds are kept. */
const maxKept = 1_000;

/** The trackers of the ways in which a number can be right. */
export class NumberWays {
  readonly #bounded = new Map<string, BoundedNumbers>();

  constructor(readonly style: NumberStyle) {}

  trackers(ways: readonly (readonly Literal[])[]): NumberTracker[] {
    const trackers = new Map<string, NumberTracker>();
    for (const literals of ways) {
      const { bounds, out } = this.#wayOf(literals);
      const key = `${JSON.stringify(bounds)} ${out.map(({ id }) => id).join()}`;
      if (!trackers.has(key)) trackers.set(key, this.#boundedBy(bounds).without(out));
    }
    return [...trackers.values()];
  }

  #boundedBy(bounds: NumberOptions): BoundedNumbers {
    const key = JSON.stringify(bounds);
    const known = this.#bounded.get(key);
    if (known) return known;
    if (this.#bounded.size >= maxKept) this.#bounded.clear();
    const created = new BoundedNumbers(bounds);
    this.#bounded.set(key, created);
    return created;
  }

  #wayOf(literals: readonly Literal[]): Way {
    const bounds: Bounds = this.style === 'any' ? {} : { style: this.style };
    const out: NumberValues[] = [];
    const notMultipleOf: number[] = [];
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (const { formula, positive } of literals) {
      const { rule } = formula.atom as Extract<Atom, { type: 'number' }>;
      if (rule === undefined) continue;
      if (rule.keyword === 'integer') {
        if (positive) {
          bounds.integer = true;
          if (rule.spelled && this.style === 'any') bounds.style = 'plain';
        } else if (!rule.spelled) notMultipleOf.push(1);
      } else if (rule.keyword === 'multipleOf') {
        if (positive) bounds.multipleOf = commonMultiple(bounds.multipleOf, rule.limit);
        else notMultipleOf.push(rule.limit);
      } else if (rule.keyword === 'among') {
        if (positive) bounds.among = common(bounds.among, rule.values);
        else out.push(rule.values);
      } else {
        const keyword = positive ? rule.keyword : opposite[rule.keyword];
        const isLower = keyword === 'minimum' || keyword === 'exclusiveMinimum';
        const known = bounds[keyword] ?? rule.limit;
        bounds[keyword] = isLower ? Math.max(known, rule.limit) : Math.min(known, rule.limit);
      }
    }
    for (const value of bounds.among ?? []) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    if (bounds.among) {
      bounds.minimum = Math.max(bounds.minimum ?? least, least);
      bounds.maximum = Math.min(bounds.maximum ?? most, most);
    }
    if (notMultipleOf.length > 0) bounds.notMultipleOf = notMultipleOf;
    return { bounds, out };
  }
}

/** Numbers within bounds, some of which are left out. */
class BoundedNumbers {
  readonly #set: NumberSet;
  readonly #inside = new WeakMap<NumberValues, MarkedTrie>();
  readonly #tracker: NumberTracker;

  constructor(readonly bounds: NumberOptions) {
    this.#tracker = numberTracker(bounds);
    this.#set = new NumberSet(bounds, lengthsFor(bounds).fraction, true, emptyTrie);
  }

  without(out: readonly NumberValues[]): NumberTracker {
    const [first, ...others] = out;
    if (!first) return this.#tracker;
    let keys = this.#keysOf(first);
    for (const values of others) for (const value of values) keys = this.#with(keys, value);
    return keys.size === 0 ? this.#tracker : numberTracker({ ...this.bounds, out: keys });
  }

  /** The keys of the values within the bounds. */
  #keysOf(values: NumberValues): MarkedTrie {
    const further: NumberValues[] = [];
    let at: NumberValues | undefined = values;
    for (; at && !this.#inside.has(at); at = at.before) further.push(at);
    let keys = (at && this.#inside.get(at)) ?? emptyTrie;
    for (const more of further.reverse()) {
      for (const value of more.added) keys = this.#with(keys, value);
      this.#inside.set(more, keys);
    }
    return keys;
  }

  #with(keys: MarkedTrie, value: number): MarkedTrie {
    const { digits, exponent } = decimalOf(Math.abs(value));
    const whole = digits * powerOfTen(Math.max(0, exponent));
    const isInside = this.#set.has(value < 0, whole, Math.max(0, -exponent));
    return isInside ? keys.with(keyOf(value), true) : keys;
  }
}

/** The values that are in both. */
function common(a: readonly number[] | undefined, b: NumberValues): readonly number[] {
  return a ? a.filter((value) => b.has(value)) : [...b];
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
