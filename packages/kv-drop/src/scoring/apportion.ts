/**
 * Splits `total` into whole numbers, as nearly proportional to `shares` as the bounds allow. The
 * difference that a bound makes is spread over the others in proportion. Rounds by largest
 * remainder; ties go to the earlier share.
 * @param total `least` to `most` times the number of shares
 * @param shares positive; one below a trillionth of the largest counts as that
 */
export function apportion(
  total: number,
  given: readonly number[],
  least: number,
  most: number,
): number[] {
  // Relative to the largest share, so that no scale overflows.
  const largest = Math.max(...given);
  const shares = given.map((share) => Math.max(1e-12, share / largest));
  const bounded = (scale: number) =>
    shares.map((share) => Math.min(most, Math.max(least, scale * share)));
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  let low = 0;
  let high = most / Math.min(...shares);
  // The sum grows with the scale, so the scale is found by bisection, down to neighbouring numbers.
  for (let middle = high / 2; low < middle && middle < high; middle = low + (high - low) / 2)
    if (sum(bounded(middle)) < total) low = middle;
    else high = middle;
  const exact = bounded(high);
  const whole = exact.map(Math.floor);
  const byRemainder = [...exact.keys()].sort(
    (a, b) => exact[b] - whole[b] - (exact[a] - whole[a]) || a - b,
  );
  const left = total - sum(whole);
  for (const index of byRemainder.slice(0, left)) whole[index]++;
  return whole;
}
