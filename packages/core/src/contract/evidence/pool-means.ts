/** Means over the tokens of two forwards. @param share of the tokens that are `next`'s */
export function poolArithmeticMeans(
  before: Float32Array | undefined,
  next: Float32Array,
  share: number,
): Float32Array {
  return before ? next.map((value, i) => before[i] + share * (value - before[i])) : next;
}

/** The same for geometric means. */
export function poolGeometricMeans(
  before: Float32Array | undefined,
  next: Float32Array,
  share: number,
): Float32Array {
  return before ? next.map((value, i) => before[i] * (value / before[i]) ** share) : next;
}
