import {
  type Decimal,
  decimalOf,
  divideOut,
  greatestCommonDivisor,
  nextUp,
  powerOfTen,
  scaled,
} from './number-decimal.js';

export interface NumberBounds {
  /** Only whole numbers, however they are spelled: 1.0 and 1e2 are. */
  readonly integer?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  /** Above 0. */
  readonly multipleOf?: number;
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
}

/**
 * The numbers within bounds that are multiples of a step, in exact decimals. An exclusive bound is the neighbouring double's shortest
 * decimal, included: what JSON.parse makes of a number is then within the bound too, where 0.99999999999999999 would become 1.
 * So are all numbers finite as doubles.
 */
export class NumberSet {
  /** Numbers are held as integers: times 10^scale. */
  readonly scale: number;
  /** What numbers are a multiple of. */
  readonly step: bigint | undefined;
  readonly #stepDecimal: Decimal | undefined;
  readonly #positive: Magnitudes | undefined;
  readonly #negative: Magnitudes | undefined;

  /**
   * @param decimals digits behind the point that `scale` has room for
   * @param negativeZero whether -0 is in the set where 0 is
   */
  constructor(bounds: NumberBounds, decimals: number, negativeZero: boolean) {
    const [lowest, highest] = range(bounds);
    const isEmpty = lowest > highest;
    const low = decimalOf(isEmpty ? 1 : lowest);
    const high = decimalOf(isEmpty ? 0 : highest);
    const step = stepOf(bounds);
    this.scale = Math.max(decimals, -low.exponent, -high.exponent, -(step?.exponent ?? 0));
    this.#stepDecimal = step;
    this.step = step && scaled(step, this.scale);
    const from = scaled(low, this.scale);
    const to = scaled(high, this.scale);
    const least = negativeZero ? 0n : 1n;
    this.#positive = magnitudes(from, to, 0n);
    this.#negative = magnitudes(-to, -from, least);
  }

  /** What may stand behind a sign; undefined: nothing. */
  magnitudes(negative: boolean): Magnitudes | undefined {
    return negative ? this.#negative : this.#positive;
  }

  /** Whether a multiple of the step and of `unit` lies from `low` to `high`, all of them in units of 10^-scale / `finer`. */
  reaches(low: bigint, high: bigint, unit: bigint, finer = 1n): boolean {
    const step = this.step === undefined ? unit : leastCommonMultiple(this.step * finer, unit);
    return ((low + step - 1n) / step) * step <= high;
  }

  /** Whether the set has `digits` × 10^-`decimals`. */
  has(negative: boolean, digits: bigint, decimals: number): boolean {
    const within = this.magnitudes(negative);
    const value = digits * powerOfTen(this.scale - decimals);
    return (
      within !== undefined &&
      value >= within.low &&
      value <= within.high &&
      (this.step === undefined || value % this.step === 0n)
    );
  }

  /**
   * The exponents e up to ±`largest` with which `digits` × 10^(e - `decimals`) is in the set: one range, since bounds cut off both
   * ends and a multiple stays one when it is multiplied by ten. Undefined: none.
   */
  exponents(
    negative: boolean,
    digits: bigint,
    decimals: number,
    largest: number,
  ): Exponents | undefined {
    const within = this.magnitudes(negative);
    if (!within) return undefined;
    if (digits === 0n) return within.low === 0n ? { first: -largest, last: largest } : undefined;
    const offset = decimals - this.scale;
    const divisible = this.#leastDivisible(digits);
    if (divisible === undefined) return undefined;
    const first = Math.max(
      -largest,
      divisible + decimals,
      within.low === 0n ? -largest : offset - largestExponent(within.low, digits),
    );
    const last = Math.min(largest, offset + largestExponent(digits, within.high));
    return first <= last ? { first, last } : undefined;
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

/** What a number is a multiple of: of 1 too where it is whole. */
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
