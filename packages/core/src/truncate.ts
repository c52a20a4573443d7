/** Which tokens of a step stay possible. Applied in this order, each to what the one before left (renormalised). */
export interface Truncation {
  /** Keep the k most probable tokens. 0: all. */
  readonly topK: number;
  /** Keep the smallest set of most probable tokens with at least this mass, in (0, 1]. 1: all. */
  readonly topP: number;
  /** Keep tokens with at least this share of the largest probability, in [0, 1). 0: all. */
  readonly minP: number;
}

const digitBits = 11;
const buckets = 1 << digitBits;

/**
 * Truncates logits in place (outside: -Infinity) in O(size) without sorting: the threshold is found by a radix search over the
 * bits of the float32 values, so ties and adversarial orders cost nothing extra. Equal logits stay by lowest id.
 */
export class Truncator {
  readonly #sums = new Float64Array(buckets);

  /**
   * @param logits [size], without NaN, -0 or +Infinity; the largest is `max`, which is finite
   * @param temperature above 0
   */
  apply(logits: Float32Array, max: number, temperature: number, options: Truncation): void {
    const { topK, topP, minP } = options;
    if (topK > 0 && topK < logits.length) this.#keep(logits, topK, () => 1);
    if (topP < 1) {
      const weight = (logit: number) => Math.exp((logit - max) / temperature);
      let total = 0;
      for (const logit of logits) total += weight(logit);
      this.#keep(logits, topP * total, weight);
    }
    if (minP > 0) {
      const threshold = max + temperature * Math.log(minP);
      for (let id = 0; id < logits.length; id++)
        if (logits[id] < threshold) logits[id] = Number.NEGATIVE_INFINITY;
    }
  }

  /** Keeps the largest logits until their weights add up to `target`. */
  #keep(logits: Float32Array, target: number, weight: (logit: number) => number): void {
    const sums = this.#sums;
    const bits = new Int32Array(logits.buffer, logits.byteOffset, logits.length);
    let above = 0;
    let prefix = 0;
    // From the highest digit of the keys to the lowest: which bucket holds the logit that reaches the target?
    for (let shift = 32 - digitBits; ; shift = Math.max(0, shift - digitBits)) {
      const width = shift === 0 ? 32 - 2 * digitBits : digitBits;
      const mask = (1 << width) - 1;
      sums.fill(0);
      for (let id = 0; id < logits.length; id++) {
        const key = orderedKey(bits[id]);
        if (shift + width < 32 && key >>> (shift + width) !== prefix) continue;
        if (logits[id] > Number.NEGATIVE_INFINITY)
          sums[(key >>> shift) & mask] += weight(logits[id]);
      }
      let bucket = mask;
      while (bucket > 0 && above + sums[bucket] < target) above += sums[bucket--];
      prefix = prefix * (mask + 1) + bucket;
      if (shift === 0) break;
    }
    // `prefix` is now the whole key of the threshold; tokens at the threshold stay while the target is not reached.
    for (let id = 0; id < logits.length; id++) {
      const key = orderedKey(bits[id]);
      if (key > prefix) continue;
      if (key === prefix && above < target) above += weight(logits[id]);
      else logits[id] = Number.NEGATIVE_INFINITY;
    }
  }
}

/** The bits of a float32 as an unsigned integer that orders like the float. */
function orderedKey(bits: number): number {
  return (bits < 0 ? ~bits : bits | 0x80000000) >>> 0;
}
