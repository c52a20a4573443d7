export const resamplingMethods = ['stratified', 'systematic', 'residual', 'multinomial'] as const;

/**
 * How ancestors are drawn. Each makes N W_j copies of a particle of weight W_j on average:
 * - `stratified`: one uniform point in each of N equal parts of the cumulated weights;
 * - `systematic`: the same uniform point in each part;
 * - `residual`: floor(N W_j) copies of each, the rest by independent draws from what the weights
 *   leave;
 * - `multinomial`: N independent draws. The noisiest, for comparison.
 *
 * Source: Douc, Cappé, Moulines 2005, "Comparison of resampling schemes for particle filtering".
 */
export type Resampling = (typeof resamplingMethods)[number];

/**
 * Draws N ancestors for N particles, ascending; never one of weight 0.
 * @param weights [N], 0 or more, sum 1
 * @param random uniform in (0, 1)
 */
export function drawAncestors(
  method: Resampling,
  weights: Float64Array,
  random: () => number,
): Uint32Array {
  const count = weights.length;
  switch (method) {
    case 'stratified':
      return find(
        weights,
        points(count, (k) => (k + random()) / count),
      );
    case 'systematic': {
      const shared = random();
      return find(
        weights,
        points(count, (k) => (k + shared) / count),
      );
    }
    case 'multinomial':
      return find(weights, points(count, random).sort());
    case 'residual':
      return residual(weights, random);
  }
}

function points(count: number, point: (k: number) => number): Float64Array {
  return Float64Array.from({ length: count }, (_, k) => point(k));
}

function residual(weights: Float64Array, random: () => number): Uint32Array {
  const count = weights.length;
  const copies = weights.map((weight) => Math.floor(count * weight));
  const left = weights.map((weight, j) => count * weight - copies[j]);
  const draws = count - copies.reduce((sum, copy) => sum + copy, 0);
  const total = left.reduce((sum, share) => sum + share, 0);
  if (draws > 0) {
    const shares = left.map((share) => share / total);
    for (const ancestor of find(shares, points(draws, random).sort())) copies[ancestor]++;
  }
  return Uint32Array.from([...copies].flatMap((copy, j) => Array<number>(copy).fill(j)));
}

/** For each point, ascending in (0, 1): the first ancestor whose cumulated weight is above it. */
function find(weights: Float64Array, ascending: Float64Array): Uint32Array {
  // Rounding may leave the whole sum below the last point: it belongs to the last particle that
  // lives.
  const last = weights.findLastIndex((weight) => weight > 0);
  const found = new Uint32Array(ascending.length);
  let ancestor = 0;
  let below = weights[0];
  ascending.forEach((point, k) => {
    while (ancestor < last && point >= below) below += weights[++ancestor];
    found[k] = ancestor;
  });
  return found;
}
