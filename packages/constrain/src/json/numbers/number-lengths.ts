import { decimalOf } from './number-decimal.js';
import type { NumberBounds } from './number-set.js';

/** Maximum digits of each part. A generation cannot go on with digits forever. */
export interface NumberLengths {
  readonly integer: number;
  readonly fraction: number;
  readonly exponent: number;
}

const longest: NumberLengths = { integer: 40, fraction: 25, exponent: 3 };
/** Lengths that people write: a double's digits, and 64-bit identifiers. */
const written: NumberLengths = { integer: 20, fraction: 17, exponent: 3 };
/** Lengths of bounds that leave enough of those. */
const short: NumberLengths = { integer: 15, fraction: 12, exponent: 3 };

/**
 * Lengths that leave room for the bounds: 40 digits, 25 decimals, an exponent of 3 digits; or the
 * digits of the bounds and one more after the point, so that something fits between two exclusive
 * ones.
 */
export function lengthsFor(bounds: NumberBounds): NumberLengths {
  return extended(longest, bounds);
}

/**
 * The same for numbers as people write them: 20 digits, 17 decimals, unless bounds are long
 * themselves.
 */
export function writtenLengths(bounds: NumberBounds): NumberLengths {
  const { integer, fraction } = extended(short, bounds);
  return integer > short.integer || fraction > short.fraction ? lengthsFor(bounds) : written;
}

function extended(lengths: NumberLengths, bounds: NumberBounds): NumberLengths {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, among = [] } = bounds;
  const limits = [minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf];
  let { integer, fraction } = lengths;
  for (const bound of [...limits, ...among]) {
    if (bound === undefined || !Number.isFinite(bound)) continue;
    const { digits, exponent } = decimalOf(Math.abs(bound));
    integer = Math.max(integer, String(digits).length + exponent);
    if (exponent < 0) fraction = Math.max(fraction, 1 - exponent);
  }
  return { ...lengths, integer, fraction };
}
