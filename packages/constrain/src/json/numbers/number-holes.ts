import type { MarkedTrie } from '../sets/marked-trie.js';
import { keyOf } from '../sets/number-values.js';
import { type Decimal, decimalOf, nextUp, powerOfTen } from './number-decimal.js';

/** Digits of numbers that doubles tell apart. */
const exactDigits = 15;
/** Numbers in a row that are looked at. Beyond, one of them counts as free. */
const maxLooked = 20_000;

/** Numbers of one sign: first, first + step and so on up to `high`, in units of 10^exponent. */
export interface Stretch {
  readonly negative: boolean;
  readonly first: bigint;
  readonly high: bigint;
  readonly step: bigint;
  readonly exponent: number;
  /** Whether all numbers that are left out are a multiple of the step. */
  readonly isOwnStep: boolean;
}

/**
 * Numbers left out of a set: single ones, with every spelling that JSON.parse reads as them, and
 * multiples.
 */
export class NumberHoles {
  readonly #multiples: readonly Decimal[];

  /**
   * @param keys of the doubles that are left out, all of them in the set
   * @param multiples numbers of which no multiple is in the set
   */
  constructor(
    readonly keys: MarkedTrie,
    multiples: readonly number[],
  ) {
    this.#multiples = multiples.map(decimalOf);
  }

  get isEmpty(): boolean {
    return this.keys.size === 0 && this.#multiples.length === 0;
  }

  has(negative: boolean, digits: bigint, exponent: number): boolean {
    return (
      this.#isMultiple(digits, exponent) || this.#valueAt(negative, digits, exponent) !== undefined
    );
  }

  /** Whether some number of the stretch is not left out. */
  leavesSome(stretch: Stretch): boolean {
    const { negative, first, high, step, exponent, isOwnStep } = stretch;
    if (!this.has(negative, first, exponent)) return true;
    const steps = (high - first) / step;
    const last = first + steps * step;
    if (this.#multiples.length === 0 && isExact(last, step)) {
      if (steps >= this.keys.size) return true;
      const out = BigInt(this.#countBetween(negative, first, last, exponent));
      if (out <= steps) return true;
      if (isOwnStep) return false;
    }
    let at = first;
    for (let looked = 0; at <= high; looked++) {
      if (looked > maxLooked) return true;
      const value = this.#valueAt(negative, at, exponent);
      if (value === undefined) {
        if (!this.#isMultiple(at, exponent)) return true;
        at += step;
        continue;
      }
      const next = nextUp(Math.abs(value));
      if (!Number.isFinite(next)) return false;
      const end = atLeast(decimalOf(next), exponent);
      const after = ((end + step - 1n) / step) * step;
      at = after > at ? after : at + step;
    }
    return false;
  }

  #countBetween(negative: boolean, low: bigint, high: bigint, exponent: number): number {
    const [from, to] = [low, high].map((digits) => toDouble(negative, digits, exponent));
    const [least, most] = negative ? [to, from] : [from, to];
    const { keys } = this;
    const above = keys.find(keyOf(most)) === undefined ? 0 : 1;
    return keys.rank(keyOf(most)) + above - keys.rank(keyOf(least));
  }

  /** The double left out that a number is or may become. */
  #valueAt(negative: boolean, digits: bigint, exponent: number): number | undefined {
    if (this.keys.size === 0) return undefined;
    const nearest = toDouble(negative, digits, exponent);
    const sign = negative ? -1 : 1;
    for (const value of [nearest, nextUp(nearest), -nextUp(-nearest)]) {
      if (this.keys.find(keyOf(value)) === undefined) continue;
      const below = compare(sign, digits, exponent, -nextUp(-value)) <= 0;
      const above = compare(sign, digits, exponent, nextUp(value)) >= 0;
      if (!below && !above) return value;
    }
    return undefined;
  }

  #isMultiple(digits: bigint, exponent: number): boolean {
    return this.#multiples.some((unit) => {
      const shift = exponent - unit.exponent;
      return shift >= 0
        ? (digits * powerOfTen(shift)) % unit.digits === 0n
        : digits % (unit.digits * powerOfTen(-shift)) === 0n;
    });
  }
}

/**
 * Whether each multiple of the step up to `last` is the shortest decimal of a double of its own.
 */
function isExact(last: bigint, step: bigint): boolean {
  let zeros = 0;
  for (let rest = step; rest % 10n === 0n; rest /= 10n) zeros++;
  return String(last).length - zeros <= exactDigits;
}

function toDouble(negative: boolean, digits: bigint, exponent: number): number {
  const value = Number(`${digits}e${exponent}`);
  return negative ? -value : value;
}

/** Below 0 where ± `digits` × 10^`exponent` is less than a double. */
function compare(sign: number, digits: bigint, exponent: number, value: number): number {
  if (!Number.isFinite(value)) return value > 0 ? -1 : 1;
  const other = decimalOf(value);
  const scale = Math.max(0, -exponent, -other.exponent);
  const a = digits * powerOfTen(exponent + scale) * BigInt(sign);
  const b = other.digits * powerOfTen(other.exponent + scale);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The decimal in units of 10^`exponent`, rounded up. */
function atLeast(decimal: Decimal, exponent: number): bigint {
  const shift = decimal.exponent - exponent;
  if (shift >= 0) return decimal.digits * powerOfTen(shift);
  const unit = powerOfTen(-shift);
  return (decimal.digits + unit - 1n) / unit;
}
