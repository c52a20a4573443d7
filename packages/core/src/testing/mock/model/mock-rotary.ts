/**
 * Rotary embedding (RoFormer, Su et al. 2021), halves rotated, base 10,000; in place over heads of
 * `headDim`.
 * @param by positions to turn by; negative turns back
 */
export function rotate(vectors: Float64Array | Float32Array, headDim: number, by: number): void {
  const half = headDim / 2;
  for (let i = 0; i < half; i++) {
    const angle = by * 10_000 ** (-i / half);
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    for (let a = i; a < vectors.length; a += headDim) {
      const first = vectors[a];
      const second = vectors[a + half];
      vectors[a] = first * cos - second * sin;
      vectors[a + half] = second * cos + first * sin;
    }
  }
}
