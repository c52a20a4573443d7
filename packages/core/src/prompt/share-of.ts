/**
 * A share of a number of tokens, rounded down.
 * @param ratio 0 to 1
 */
export function shareOf(ratio: number, tokens: number): number {
  // 1e-9, because 0.29 * 100 is a little less than 29.
  return Math.floor(ratio * tokens + 1e-9);
}
