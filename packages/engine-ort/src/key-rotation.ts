/** Turns cached keys to other rotary positions: the rotation that the attention operator of a layer applied, taken back and applied anew. */
export class KeyRotation {
  readonly #half: number;
  /** Between the first numbers of two pairs, and between the two of a pair. */
  readonly #step: number;
  readonly #gap: number;

  /**
   * @param cos [positions, dimensions / 2], as `sin`; pairs of a cosine and a sine with a common factor (as YaRN has) are fine
   * @param dimensions leading dimensions of a key that are rotated
   * @param interleaved pairs are (0, 1), (2, 3), ... instead of (0, dimensions / 2), ...
   */
  constructor(
    private readonly cos: Float32Array,
    private readonly sin: Float32Array,
    dimensions: number,
    interleaved: boolean,
  ) {
    this.#half = dimensions / 2;
    this.#step = interleaved ? 2 : 1;
    this.#gap = interleaved ? 1 : this.#half;
  }

  /**
   * In place. Computed in float64 and rounded once to float32, so that a key turned many times drifts by that rounding alone.
   * @param start of the key in `keys`
   */
  turn(keys: Float32Array, start: number, from: number, to: number): void {
    const { cos, sin } = this;
    const half = this.#half;
    for (let i = 0; i < half; i++) {
      const cosFrom = cos[from * half + i];
      const sinFrom = sin[from * half + i];
      const cosTo = cos[to * half + i];
      const sinTo = sin[to * half + i];
      const norm = cosFrom * cosFrom + sinFrom * sinFrom;
      const turnCos = (cosTo * cosFrom + sinTo * sinFrom) / norm;
      const turnSin = (sinTo * cosFrom - cosTo * sinFrom) / norm;
      const at = start + i * this.#step;
      const first = keys[at];
      const second = keys[at + this.#gap];
      keys[at] = first * turnCos - second * turnSin;
      keys[at + this.#gap] = second * turnCos + first * turnSin;
    }
  }
}
