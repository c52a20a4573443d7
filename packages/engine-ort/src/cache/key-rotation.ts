/**
 * Turns cached keys to other rotary positions: takes back the rotation that the layer's attention
 * operator applied, and applies another.
 */
export class KeyRotation {
  /**
   * [dimensions / 2], the last rotation. The same row of other heads and layers usually needs it
   * too.
   */
  readonly #turnCos: Float64Array;
  readonly #turnSin: Float64Array;
  #from = -1;
  #to = -1;
  /** Between the first numbers of two pairs, and between the two of a pair. */
  readonly #step: number;
  readonly #gap: number;

  /**
   * @param cos [positions, dimensions / 2], as `sin`; pairs of a cosine and a sine with a common
   * factor (as YaRN has) are fine
   * @param dimensions leading dimensions of a key that are rotated
   * @param interleaved pairs are (0, 1), (2, 3), ... instead of (0, dimensions / 2), ... /
   */
  constructor(
    private readonly cos: Float32Array,
    private readonly sin: Float32Array,
    dimensions: number,
    interleaved: boolean,
  ) {
    const half = dimensions / 2;
    this.#turnCos = new Float64Array(half);
    this.#turnSin = new Float64Array(half);
    this.#step = interleaved ? 2 : 1;
    this.#gap = interleaved ? 1 : half;
  }

  /**
   * Turns a key in place. The rotation is computed in float64 and rounded to float32 once: a key
   * turned many times drifts by that rounding alone.
   * @param start index of the key in `keys`
   */
  turn(keys: Float32Array, start: number, from: number, to: number): void {
    if (from !== this.#from || to !== this.#to) this.#prepare(from, to);
    const turnCos = this.#turnCos;
    const turnSin = this.#turnSin;
    const step = this.#step;
    const gap = this.#gap;
    const half = turnCos.length;
    for (let i = 0; i < half; i++) {
      const at = start + i * step;
      const first = keys[at];
      const second = keys[at + gap];
      const cos = turnCos[i];
      const sin = turnSin[i];
      keys[at] = first * cos - second * sin;
      keys[at + gap] = second * cos + first * sin;
    }
  }

  #prepare(from: number, to: number): void {
    const { cos, sin } = this;
    const half = this.#turnCos.length;
    for (let i = 0; i < half; i++) {
      const cosFrom = cos[from * half + i];
      const sinFrom = sin[from * half + i];
      const cosTo = cos[to * half + i];
      const sinTo = sin[to * half + i];
      const norm = cosFrom * cosFrom + sinFrom * sinFrom;
      this.#turnCos[i] = (cosTo * cosFrom + sinTo * sinFrom) / norm;
      this.#turnSin[i] = (sinTo * cosFrom - cosTo * sinFrom) / norm;
    }
    this.#from = from;
    this.#to = to;
  }
}
