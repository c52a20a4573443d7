/** Table entries for each power of two. */
const steps = 64;
/** Below this the exponential rounds to 0. */
const lowest = -745.2;
/** ln 2 in two parts, so that multiples of the first are exact (the constants of fdlibm's exp). */
const unitHigh = 0.6931471803691238 / steps;
const unitLow = 1.9082149292705877e-10 / steps;
const perUnit = steps / Math.LN2;
/** 1.5 x 2^52: adding it leaves no bits behind the point, so that taking it away again has rounded. */
const rounder = 6755399441055744;
const entries = Math.ceil(-lowest * perUnit) + 1;
/** 2^(k / steps) for k = 1 - entries to 0. */
const powers = Float64Array.from({ length: entries + 1 }, (_, i) => 2 ** ((i - entries) / steps));

/**
 * e^x for x of 0 and below, within 4e-15 of it relatively while it is no subnormal number: three times as fast as `Math.exp` in V8, which
 * otherwise is most of the time that a step's distribution takes. -Infinity gives 0.
 */
export function expOfNegative(x: number): number {
  if (!(x > lowest)) return 0;
  const units = x * perUnit + rounder - rounder;
  const rest = x - units * unitHigh - units * unitLow;
  return (
    powers[units + entries] *
    (1 + rest * (1 + rest * (1 / 2 + rest * (1 / 6 + rest * (1 / 24 + rest * (1 / 120))))))
  );
}
