/** Pools scores with their neighbours: [n] and an odd kernel in, [n] out; stride 1. */
export type Pool = (scores: Float32Array, kernel: number) => Float32Array;

/**
 * Averages `kernel` neighbours, with zero padding on both sides. The divisor is always `kernel`,
 * also at the borders.
 * @param scores [n]
 * @param kernel odd
 * @returns [n]
 */
export function averagePool(scores: Float32Array, kernel: number): Float32Array {
  const half = (kernel - 1) / 2;
  const pooled = new Float32Array(scores.length);
  for (let i = 0; i < scores.length; i++) {
    // Every row is summed from scratch. A running sum would make equal neighbourhoods differ in the
    // last bit and break ties at random.
    let sum = 0;
    const to = Math.min(i + half, scores.length - 1);
    for (let j = Math.max(i - half, 0); j <= to; j++) sum += scores[j];
    pooled[i] = sum / kernel;
  }
  return pooled;
}

/**
 * Takes the largest of `kernel` neighbours, without padding at the borders.
 * @param scores [n]
 * @param kernel odd
 * @returns [n]
 */
export function maxPool(scores: Float32Array, kernel: number): Float32Array {
  const half = (kernel - 1) / 2;
  const pooled = new Float32Array(scores.length);
  for (let i = 0; i < scores.length; i++) {
    let largest = scores[i];
    const to = Math.min(i + half, scores.length - 1);
    for (let j = Math.max(i - half, 0); j <= to; j++) if (scores[j] > largest) largest = scores[j];
    pooled[i] = largest;
  }
  return pooled;
}
