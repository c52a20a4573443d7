/** The number `digits` × 10^`exponent`, exactly. */
export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

const powers: bigint[] = [1n];

/** 10^`exponent` as an integer. */
export function powerOfTen(exponent: number): bigint {
  for (let i = powers.length; i <= exponent; i++) powers.push(powers[i - 1] * 10n);
  return powers[exponent];
}

/**
 * The shortest decimal that reads as the number, which is what JSON.stringify writes. `value` is
 * finite.
 */
export function decimalOf(value: number): Decimal {
  const [mantissa, exponent = '0'] = String(value).split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** `decimal` × 10^`scale`; `scale` is large enough to make it an integer. */
export function scaled({ digits, exponent }: Decimal, scale: number): bigint {
  return digits * powerOfTen(exponent + scale);
}

/**
 * Whether `value` is `factor` times an integer, in decimals: 0.3 is a multiple of 0.1. Both are
 * finite, `factor` is not 0.
 */
export function isMultiple(value: number, factor: number): boolean {
  const multiple = decimalOf(value);
  const unit = decimalOf(factor);
  const scale = -Math.min(multiple.exponent, unit.exponent);
  return scaled(multiple, scale) % scaled(unit, scale) === 0n;
}

export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** How often `factor` divides `value`, which is not 0, and what is left of it. */
export function divideOut(value: bigint, factor: bigint): { count: number; rest: bigint } {
  let count = 0;
  let rest = value;
  while (rest % factor === 0n) {
    rest /= factor;
    count++;
  }
  return { count, rest };
}

/** The next double above; of infinite ones, themselves. */
export function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  if (!Number.isFinite(value)) return value;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}
