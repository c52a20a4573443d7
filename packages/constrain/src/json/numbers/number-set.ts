import type { MarkedTrie } from '../sets/marked-trie.js';
import {
  type Decimal,
  decimalOf,
  divideOut,
  greatestCommonDivisor,
  nextUp,
  powerOfTen,
  scaled,
} from './number-decimal.js';
import { NumberHoles } from './number-holes.js';

export interface NumberBounds {
  /** Only whole numbers, however they are spelled: 1.0 and 1e2 are. */
  readonly integer?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  /** Above 0. */
  readonly multipleOf?: number;
  /** Numbers above 0 of which it is not a multiple. */
  readonly notMultipleOf?: readonly number[];
  /** It is one of these. */
  readonly among?: readonly number[];
}

/** Magnitudes, bounds included, in units of 10^-scale. */
export interface Magnitudes {
  readonly low: bigint;
  readonly high: bigint;
}

/** A range of exponents, ends included. */
export interface Exponents {
  readonly first: number;
  readonly last: number;
  /** Values allowed within the range; absent: all. */
  readonly allows?: (exponent: number) => boolean;
}

/**
 * The numbers within bounds that are multiples of a step, in exact decimals. An exclusive bound is
 * the neighbouring double's shortest decimal, included: what JSON.parse makes of a number is then
 * within the bound too, where 0.99999999999999999 would become 1. So are all numbers finite as
 * doubles.
 */
export class NumberSet {
  /** Numbers are held as integers: times 10^scale. */
  readonly scale: number;
  /** Steps that numbers are a multiple of. */
  readonly step: bigint | undefined;
  readonly #stepDecimal: Decimal | undefined;
  readonly #positive: Magnitudes | undefined;
  readonly #negative: Magnitudes | undefined;
  readonly #holes: NumberHoles;
  /**
   * If only some numbers are allowed: their magnitudes by sign, ascending, in units of 10^-scale.
   */
  readonly #among: { readonly positive: readonly bigint[]; readonly negative: readonly bigint[] };
  readonly #isListed: boolean;

  /**
   * @param decimals digits after the point that `scale` has room for
   * @param negativeZero whether -0 is in the set where 0 is
   * @param out keys of doubles that are left out, all of which would be in the set
   */
  constructor(bounds: NumberBounds, decimals: number, negativeZero: boolean, out: MarkedTrie) {
    const [lowest, highest] = range(bounds);
    const isEmpty = lowest > highest;
    const low = decimalOf(isEmpty ? 1 : lowest);
    const high = decimalOf(isEmpty ? 0 : highest);
    const step = stepOf(bounds);
    const among = (bounds.among ?? []).map(decimalOf);
    const exponents = [low, high, ...among].map(({ exponent }) => -exponent);
    this.scale = Math.max(decimals, ...exponents, -(step?.exponent ?? 0));
    this.#stepDecimal = step;
    this.step = step && scaled(step, this.scale);
    const from = scaled(low, this.scale);
    const to = scaled(high, this.scale);
    const least = negativeZero ? 0n : 1n;
    this.#positive = magnitudes(from, to, 0n);
    this.#negative = magnitudes(-to, -from, least);
    this.#holes = new NumberHoles(out, bounds.notMultipleOf ?? []);
    this.#isListed = bounds.among !== undefined;
    const listed = among.map((value) => scaled(value, this.scale));
    this.#among = {
      positive: listed.filter((value) => value >= 0n).sort(ascending),
      negative: listed.flatMap((value) => (value <= 0n ? [-value] : [])).sort(ascending),
    };
  }

  /** Numbers that may stand after a sign; undefined if none. */
  magnitudes(negative: boolean): Magnitudes | undefined {
    return negative ? this.#negative : this.#positive;
  }

  /** No number of the set but 0 has a smaller magnitude. */
  least(negative: boolean): bigint {
    const low = this.magnitudes(negative)?.low ?? 0n;
    if (!this.#isListed) return low > (this.step ?? 0n) ? low : (this.step ?? 0n);
    const listed = negative ? this.#among.negative : this.#among.positive;
    return listed.find((value) => value >= low && value > 0n) ?? 0n;
  }

  /**
   * Whether a number of the set that is a multiple of `unit` lies from `low` to `high`, all of them
   * in units of 10^-(scale + `finer`).
   */
  reaches(negative: boolean, low: bigint, high: bigint, unit: bigint, finer = 0): boolean {
    const own = this.step === undefined ? undefined : this.step * powerOfTen(finer);
    const step = own === undefined ? unit : leastCommonMultiple(own, unit);
    const first = ((low + step - 1n) / step) * step;
    if (first > high) return false;
    const exponent = -this.scale - finer;
    if (this.#isListed) return this.#reachesListed(negative, first, high, step, exponent);
    if (this.#holes.isEmpty) return true;
    const isOwnStep = step === own;
    return this.#holes.leavesSome({ negative, first, high, step, exponent, isOwnStep });
  }

  #reachesListed(
    negative: boolean,
    low: bigint,
    high: bigint,
    step: bigint,
    exponent: number,
  ): boolean {
    const listed = negative ? this.#among.negative : this.#among.positive;
    const finer = powerOfTen(-exponent - this.scale);
    for (let at = firstAtLeast(listed, low, finer); at < listed.length; at++) {
      const value = listed[at] * finer;
      if (value > high) return false;
      if (value % step === 0n && !this.#holes.has(negative, value, exponent)) return true;
    }
    return false;
  }

  /** Whether the set has `digits` × 10^-`decimals`. */
  has(negative: boolean, digits: bigint, decimals: number): boolean {
    const within = this.magnitudes(negative);
    if (within === undefined) return false;
    // More decimals than the set has room for: it has none of them.
    const finer = Math.max(0, decimals - this.scale);
    const value = digits * powerOfTen(Math.max(0, this.scale - decimals));
    const unit = powerOfTen(finer);
    if (value < within.low * unit || value > within.high * unit) return false;
    if (this.step !== undefined && value % (this.step * unit) !== 0n) return false;
    const listed = negative ? this.#among.negative : this.#among.positive;
    if (this.#isListed && !isListed(listed, value, unit)) return false;
    return this.#holes.isEmpty || !this.#holes.has(negative, digits, -decimals);
  }

  /**
   * The exponents e up to ±`largest` with which `digits` × 10^(e - `decimals`) is in the set: one
   * range, since bounds cut off both ends and a multiple stays one when it is multiplied by ten.
   * Undefined: none.
   */
  exponents(
    negative: boolean,
    digits: bigint,
    decimals: number,
    largest: number,
  ): Exponents | undefined {
    const within = this.magnitudes(negative);
    if (!within) return undefined;
    if (digits === 0n)
      return this.has(negative, 0n, 0) ? { first: -largest, last: largest } : undefined;
    const offset = decimals - this.scale;
    const divisible = this.#leastDivisible(digits);
    if (divisible === undefined) return undefined;
    const first = Math.max(
      -largest,
      divisible + decimals,
      within.low === 0n ? -largest : offset - largestExponent(within.low, digits),
    );
    const last = Math.min(largest, offset + largestExponent(digits, within.high));
    if (first > last) return undefined;
    if (!this.#isListed && this.#holes.isEmpty) return { first, last };
    const allows = (exponent: number) =>
      exponent < decimals
        ? this.has(negative, digits, decimals - exponent)
        : this.has(negative, digits * powerOfTen(exponent - decimals), 0);
    for (let exponent = first; exponent <= last; exponent++)
      if (allows(exponent)) return { first: exponent, last, allows };
    return undefined;
  }

  /** The least e for which `digits` × 10^e is a multiple of the step; undefined: none. */
  #leastDivisible(digits: bigint): number | undefined {
    const step = this.#stepDecimal;
    if (!step) return Number.NEGATIVE_INFINITY;
    const common = greatestCommonDivisor(digits, step.digits);
    const twos = divideOut(step.digits / common, 2n);
    const fives = divideOut(twos.rest, 5n);
    if (fives.rest !== 1n) return undefined;
    const needed = Math.max(twos.count, fives.count);
    return step.exponent + (needed > 0 ? needed : -divideOut(digits / step.digits, 10n).count);
  }
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first of ascending values that is at least `least` / `unit`. */
function firstAtLeast(values: readonly bigint[], least: bigint, unit: bigint): number {
  let from = 0;
  let to = values.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (values[middle] * unit < least) from = middle + 1;
    else to = middle;
  }
  return from;
}

function isListed(values: readonly bigint[], value: bigint, unit: bigint): boolean {
  const at = firstAtLeast(values, value, unit);
  return at < values.length && values[at] * unit === value;
}

/** Largest and smallest double within the bounds; not in this order where nothing is. */
function range(bounds: NumberBounds): readonly [number, number] {
  const { minimum = -Number.MAX_VALUE, maximum = Number.MAX_VALUE } = bounds;
  const { exclusiveMinimum = Number.NEGATIVE_INFINITY } = bounds;
  const { exclusiveMaximum = Number.POSITIVE_INFINITY } = bounds;
  return [
    Math.max(minimum, -Number.MAX_VALUE, nextUp(exclusiveMinimum)),
    Math.min(maximum, Number.MAX_VALUE, -nextUp(-exclusiveMaximum)),
  ];
}

/** Steps that a number is a multiple of; with 1 if it is whole. */
function stepOf({ integer, multipleOf }: NumberBounds): Decimal | undefined {
  if (multipleOf === undefined) return integer ? { digits: 1n, exponent: 0 } : undefined;
  const step = decimalOf(multipleOf);
  if (!integer || step.exponent >= 0) return step;
  const one = powerOfTen(-step.exponent);
  return { digits: leastCommonMultiple(step.digits, one), exponent: step.exponent };
}

function magnitudes(low: bigint, high: bigint, least: bigint): Magnitudes | undefined {
  const from = low < least ? least : low;
  return from <= high ? { low: from, high } : undefined;
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  return (a / greatestCommonDivisor(a, b)) * b;
}

/** The largest e with `value` × 10^e <= `limit`; both above 0. */
export function largestExponent(value: bigint, limit: bigint): number {
  const exponent = String(limit).length - String(value).length;
  const fits =
    exponent >= 0 ? value * powerOfTen(exponent) <= limit : value <= limit * powerOfTen(-exponent);
  return fits ? exponent : exponent - 1;
}
