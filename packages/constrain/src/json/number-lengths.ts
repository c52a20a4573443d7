import { decimalOf } from './number-decimal.js';
import type { NumberBounds } from './number-set.js';

/** Most digits of each part: a generation cannot go on with digits for ever. */
export interface NumberLengths {
  readonly integer: number;
  readonly fraction: number;
  readonly exponent: number;
}

/**
 * Lengths that leave room for the bounds: 40 digits, 25 decimals, an exponent of 3 digits; or the digits of the bounds and one more
 * behind the point, so that something fits between two exclusive ones.
 */
export function lengthsFor(bounds: NumberBounds): NumberLengths {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, among = [] } = bounds;
  const limits = [minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf];
  let integer = 40;
  let fraction = 25;
  for (const bound of [...limits, ...among]) {
    if (bound === undefined || !Number.isFinite(bound)) continue;
    const { digits, exponent } = decimalOf(Math.abs(bound));
    integer = Math.max(integer, String(digits).length + exponent);
    if (exponent < 0) fraction = Math.max(fraction, 1 - exponent);
  }
  return { integer, fraction, exponent: 3 };
}
