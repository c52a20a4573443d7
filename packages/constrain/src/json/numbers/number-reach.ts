import { powerOfTen } from './number-decimal.js';
import type { NumberLengths } from './number-lengths.js';
import { largestExponent, type Magnitudes, type NumberSet } from './number-set.js';

/** The digits of a number up to its `e`, as far as they are written. */
export interface Mantissa {
  readonly negative: boolean;
  /** Digits of integer part and fraction together. */
  readonly digits: bigint;
  /** How many stand before the point. */
  readonly whole: number;
  /** How many stand after it; undefined before the point. */
  readonly decimals: number | undefined;
}

export interface Spelling {
  readonly lengths: NumberLengths;
  readonly allowsFraction: boolean;
  readonly allowsExponent: boolean;
}

/** Whether digits that follow (and a point, and an exponent) can make a number of the set. */
export function canReach(numbers: NumberSet, spelling: Spelling, mantissa: Mantissa): boolean {
  const within = numbers.magnitudes(mantissa.negative);
  if (!within) return false;
  return (
    reachesPlain(numbers, spelling, mantissa, within) ||
    (spelling.allowsExponent && reachesWithExponent(numbers, spelling, mantissa, within))
  );
}

function reachesPlain(
  numbers: NumberSet,
  { lengths, allowsFraction }: Spelling,
  { negative, digits, whole, decimals }: Mantissa,
  { low, high }: Magnitudes,
): boolean {
  const unit = powerOfTen(numbers.scale - (allowsFraction ? lengths.fraction : 0));
  const mostFurther = decimals === undefined && digits > 0n ? lengths.integer - whole : 0;
  // From many digits on: among many numbers one is soon found that is wanted.
  for (let further = mostFurther; further >= 0; further--) {
    const width = powerOfTen(numbers.scale - (decimals ?? 0) + further);
    const from = digits * width;
    if (from > high) continue;
    const to = from + width - 1n;
    if (numbers.reaches(negative, larger(from, low), smaller(to, high), unit)) return true;
  }
  return false;
}

function reachesWithExponent(
  numbers: NumberSet,
  { lengths }: Spelling,
  { negative, digits, whole, decimals }: Mantissa,
  within: Magnitudes,
): boolean {
  const largest = 10 ** lengths.exponent - 1;
  if (digits > 0n)
    return reachesLeading(numbers, within, largest, {
      negative,
      digits,
      decimals: decimals ?? 0,
      furtherWhole: decimals === undefined ? lengths.integer - whole : 0,
      furtherDecimals: lengths.fraction - (decimals ?? 0),
    });
  if (numbers.has(negative, 0n, 0)) return true;
  for (let at = (decimals ?? 0) + 1; at <= lengths.fraction; at++) {
    const furtherDecimals = lengths.fraction - at;
    for (let digit = 1n; digit < 10n; digit++) {
      const leading = { negative, digits: digit, decimals: at, furtherWhole: 0, furtherDecimals };
      if (reachesLeading(numbers, within, largest, leading)) return true;
    }
  }
  return false;
}

interface LeadingDigits {
  readonly negative: boolean;
  /** Above 0. */
  readonly digits: bigint;
  /** How many of them stand after the point. */
  readonly decimals: number;
  /** Digits that may follow before a point. */
  readonly furtherWhole: number;
  /** Digits that may follow after the point. */
  readonly furtherDecimals: number;
}

/** Whether an exponent up to ±`largest`, and digits before it, can make a number of the set. */
function reachesLeading(
  numbers: NumberSet,
  { low, high }: Magnitudes,
  largest: number,
  { negative, digits, decimals, furtherWhole, furtherDecimals }: LeadingDigits,
): boolean {
  // The first digits are `digits` x 10^place, in units of 10^-scale.
  const offset = numbers.scale - decimals;
  const least = numbers.least(negative);
  const first = Math.max(
    offset - largest,
    least === 0n ? Number.NEGATIVE_INFINITY : largestExponent(digits + 1n, least),
  );
  const last = Math.min(offset + largest + furtherWhole, largestExponent(digits, high));
  for (let place = first; place <= last; place++) {
    const further = Math.min(furtherWhole, place - offset + largest) + furtherDecimals;
    // Units small enough for the first digits to be an integer.
    const places = Math.max(0, -place);
    const finer = powerOfTen(places);
    const width = powerOfTen(Math.max(0, place));
    const from = larger(digits * width, low * finer);
    const to = smaller((digits + 1n) * width - 1n, high * finer);
    const unit = powerOfTen(Math.max(0, place - further));
    if (numbers.reaches(negative, from, to, unit, places)) return true;
  }
  return false;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
