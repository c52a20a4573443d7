import type { Truncation } from '../contract/truncation.js';
import { expOfNegative } from './exponential.js';

/** Tokens that share a maximum in the first guess of a top-k threshold. */
const groupSize = 64;
/** The threshold is searched by the bits of the logits: 11, 11 and 10 of them. */
const digits = [
  { shift: 21, mask: 0x7ff },
  { shift: 10, mask: 0x7ff },
  { shift: 0, mask: 0x3ff },
] as const;

/**
 * Truncates logits in place (outside: -Infinity) in O(size) without sorting: the threshold is found
 * by a radix search over the bits of the float32 values, so ties and adversarial orders cost
 * nothing extra. Equal logits stay by lowest id.
 */
export class Truncator {
  readonly #sums = new Float64Array(digits[0].mask + 1);
  /** Ids whose leading digits are those of the threshold. */
  readonly #candidates: Int32Array;
  readonly #maxima: Float32Array;

  /** @param size of the logits */
  constructor(size: number) {
    this.#candidates = new Int32Array(size);
    this.#maxima = new Float32Array(Math.ceil(size / groupSize));
  }

  /**
   * @param logits [size], without NaN, -0 or +Infinity; the largest is `max`, which is finite
   * @param temperature above 0
   */
  apply(logits: Float32Array, max: number, temperature: number, options: Truncation): void {
    const { topK, topP, minP } = options;
    if (topK > 0 && topK < logits.length)
      this.#keep(logits, this.#atLeast(logits, topK), max, Number.POSITIVE_INFINITY, () => topK);
    if (topP < 1) this.#keep(logits, -Number.MAX_VALUE, max, temperature, (total) => topP * total);
    if (minP > 0) {
      const threshold = max + temperature * Math.log(minP);
      for (let id = 0; id < logits.length; id++)
        if (logits[id] < threshold) logits[id] = Number.NEGATIVE_INFINITY;
    }
  }

  /**
   * A logit that `count` tokens reach: as many groups have such a maximum. It spares the search
   * most of a vocabulary.
   */
  #atLeast(logits: Float32Array, count: number): number {
    const maxima = this.#maxima;
    if (count > maxima.length) return -Number.MAX_VALUE;
    for (let group = 0; group < maxima.length; group++) {
      const end = Math.min(logits.length, (group + 1) * groupSize);
      let max = Number.NEGATIVE_INFINITY;
      for (let id = group * groupSize; id < end; id++) if (logits[id] > max) max = logits[id];
      maxima[group] = max;
    }
    return Math.max(-Number.MAX_VALUE, maxima.sort()[maxima.length - count]);
  }

  /**
   * Keeps the largest logits until their weights exp((logit - max) / temperature) add up to the
   * target.
   * @param from logits below are known to go
   * @param temperature Infinity to count tokens: every weight is 1
   */
  #keep(
    logits: Float32Array,
    from: number,
    max: number,
    temperature: number,
    targetOf: (total: number) => number,
  ): void {
    const sums = this.#sums;
    const candidates = this.#candidates;
    const bits = new Int32Array(logits.buffer, logits.byteOffset, logits.length);
    let count = 0;
    for (let id = 0; id < logits.length; id++) if (logits[id] >= from) candidates[count++] = id;
    let target = 0;
    let above = 0;
    let threshold = 0;
    // From the highest digit to the lowest: which bucket holds the logit that reaches the target?
    for (const { shift, mask } of digits) {
      sums.fill(0);
      for (let i = 0; i < count; i++) {
        const id = candidates[i];
        sums[(orderedKey(bits[id]) >>> shift) & mask] += expOfNegative(
          (logits[id] - max) / temperature,
        );
      }
      if (shift === digits[0].shift) {
        const total = sums.reduce((sum, part) => sum + part, 0);
        target = targetOf(total);
        if (total < target) return;
      }
      let bucket = mask;
      while (bucket > 0 && above + sums[bucket] < target) above += sums[bucket--];
      threshold = threshold * (mask + 1) + bucket;
      let left = 0;
      for (let i = 0; i < count; i++) {
        const id = candidates[i];
        if (((orderedKey(bits[id]) >>> shift) & mask) === bucket) candidates[left++] = id;
      }
      count = left;
    }
    // Tokens at the threshold stay while the target is not reached.
    for (let id = 0; id < logits.length; id++) {
      const key = orderedKey(bits[id]);
      if (key > threshold) continue;
      if (key === threshold && above < target)
        above += expOfNegative((logits[id] - max) / temperature);
      else logits[id] = Number.NEGATIVE_INFINITY;
    }
  }
}

/** The bits of a float32 as an unsigned integer that orders like the float. */
function orderedKey(bits: number): number {
  return (bits < 0 ? ~bits : bits | 0x80000000) >>> 0;
}
