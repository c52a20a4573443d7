import type { Distribution } from '../contract/distribution.js';
import type { Truncation } from '../contract/truncation.js';
import { expOfNegative } from './exponential.js';
import { Truncator } from './truncate.js';

/** Ids that share a partial sum: a draw reads size / 512 sums and one block. */
const blockSize = 512;
/**
 * Below this, weights relative to the scale are close to underflow. They are computed again
 * relative to the largest that is left.
 */
const rescaleBelow = 1e-280;

/**
 * The distribution of a step over buffers that are reused from step to step: one object per
 * generation. Log-softmax in float64 with the maximum subtracted. Here NaN logits count as
 * -Infinity (a pipeline refuses those of a model), and logits of +Infinity share the whole mass
 * equally; when every logit is -Infinity, `remainingTokens` is 0 and `draw` gives -1. Loading is
 * O(size), a draw or a removal O(size / 512 + 512), nothing is ever sorted.
 */
export class StepDistribution implements Distribution {
  readonly size: number;
  readonly #logits: Float32Array;
  /** exp((logit - scale) / temperature), 0 once removed. */
  readonly #weights: Float64Array;
  readonly #removed: Uint8Array;
  readonly #sums: Float64Array;
  /**
   * Id of the largest logit not removed of each block, -1 when none; made when the most probable
   * token of a greedy step is removed.
   */
  readonly #best: Int32Array;
  #bestIsKnown = false;
  /** Id of the largest logit, the lowest of equals: no truncation takes it. */
  #mostProbable = 0;
  readonly #truncator: Truncator;
  #temperature = 1;
  #max = 0;
  #remainingTokens = 0;
  #weighed = false;
  #logTotal = 0;
  /** Log of what the weights would have to be multiplied by to be relative to the largest logit. */
  #logScale = 0;
  /**
   * `left`: total weight of the tokens not removed. `total`: weight of all tokens, on the same
   * scale.
   */
  #left = 0;
  #total = 1;

  /** @param size vocabulary size */
  constructor(size: number) {
    const blocks = Math.ceil(size / blockSize);
    this.size = size;
    this.#logits = new Float32Array(size);
    this.#weights = new Float64Array(size);
    this.#removed = new Uint8Array(size);
    this.#sums = new Float64Array(blocks);
    this.#best = new Int32Array(blocks);
    this.#truncator = new Truncator(size);
  }

  /**
   * Starts a step; what was removed before is back.
   * @param logits [size], copied
   * @param options temperature 0 or above; at 0 truncation looks at the untempered softmax
   * @returns whether every logit is a finite number
   * @throws RangeError when `logits` has another length
   */
  load(logits: Float32Array, options: Truncation & { readonly temperature: number }): boolean {
    if (logits.length !== this.size)
      throw new RangeError(`${logits.length} logits for a distribution over ${this.size} tokens`);
    this.#temperature = options.temperature;
    this.#removed.fill(0);
    this.#weighed = false;
    this.#bestIsKnown = false;
    const areFinite = this.#copy(logits);
    const { topK, topP, minP } = options;
    if (this.#max === Number.NEGATIVE_INFINITY || !(topK > 0 || topP < 1 || minP > 0))
      return areFinite;
    this.#truncator.apply(this.#logits, this.#max, this.#scaledBy, options);
    this.#remainingTokens = this.#countPossible();
    return areFinite;
  }

  get temperature(): number {
    return this.#temperature;
  }

  get remainingTokens(): number {
    return this.#remainingTokens;
  }

  /** Always a fresh sum of what is left (by blocks), never 1 minus what went. */
  get remaining(): number {
    if (this.#remainingTokens === 0) return 0;
    this.#weigh();
    return this.#left / this.#total;
  }

  get logRemaining(): number {
    if (this.#remainingTokens === 0) return Number.NEGATIVE_INFINITY;
    this.#weigh();
    return Math.min(0, Math.log(this.#left) + this.#logScale - this.#logTotal);
  }

  logProbability(id: number): number {
    const logit = this.#logits[id];
    if (!(logit > Number.NEGATIVE_INFINITY)) return Number.NEGATIVE_INFINITY;
    this.#weigh();
    return (logit - this.#max) / this.#scaledBy - this.#logTotal;
  }

  draw(random: () => number): number {
    if (this.#remainingTokens === 0) return -1;
    if (this.#temperature === 0) return this.#drawBest();
    this.#weigh();
    let rest = random() * this.#left;
    let drawn = -1;
    for (let block = 0; block < this.#sums.length; block++) {
      const sum = this.#sums[block];
      if (sum === 0) continue;
      if (rest >= sum) {
        rest -= sum;
        drawn = block;
        continue;
      }
      return this.#drawWithin(block, rest);
    }
    // Rounding carried `rest` past the end: the last token of positive weight.
    return this.#drawWithin(drawn, Number.POSITIVE_INFINITY);
  }

  without(id: number): void {
    if (this.#removed[id] !== 0 || !(this.#logits[id] > Number.NEGATIVE_INFINITY)) return;
    this.#removed[id] = 1;
    this.#remainingTokens--;
    const block = Math.floor(id / blockSize);
    if (this.#bestIsKnown && this.#best[block] === id) this.#findBest(block);
    if (!this.#weighed) return;
    this.#weights[id] = 0;
    // Summed again rather than subtracted, because subtracting a large weight would leave its
    // rounding error.
    const weights = this.#weights;
    const end = Math.min(this.size, (block + 1) * blockSize);
    let sum = 0;
    for (let other = block * blockSize; other < end; other++) sum += weights[other];
    this.#sums[block] = sum;
    this.#sumUp();
  }

  restrict(mask: Uint32Array): void {
    this.#weigh();
    const logits = this.#logits;
    const removed = this.#removed;
    const weights = this.#weights;
    let left = 0;
    for (let block = 0; block < this.#sums.length; block++) {
      const end = Math.min(this.size, (block + 1) * blockSize);
      let sum = 0;
      for (let id = block * blockSize; id < end; id++) {
        if (((mask[id >>> 5] >>> (id & 31)) & 1) === 1) {
          if (removed[id] === 0 && logits[id] > Number.NEGATIVE_INFINITY) left++;
          sum += weights[id];
        } else {
          removed[id] = 1;
          weights[id] = 0;
        }
      }
      this.#sums[block] = sum;
    }
    this.#remainingTokens = left;
    this.#bestIsKnown = false;
    this.#sumUp();
  }

  /** The divisor of the logits. */
  get #scaledBy(): number {
    return this.#temperature === 0 ? 1 : this.#temperature;
  }

  /**
   * The factor of the logits. Finite for the smallest temperatures too: the largest logit stays 0.
   */
  get #factor(): number {
    return Math.min(Number.MAX_VALUE, 1 / this.#scaledBy);
  }

  /**
   * NaN becomes -Infinity; +Infinity becomes 0 and everything beside it -Infinity. Finds the
   * largest and counts on the way.
   * @returns whether all are finite
   */
  #copy(from: Float32Array): boolean {
    const logits = this.#logits;
    let max = Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (let id = 0; id < logits.length; id++) {
      const logit = from[id];
      if (logit > max) max = logit;
      sum += logit;
      // Adding 0 makes -0 equal 0 bit for bit.
      logits[id] = logit + 0;
    }
    // Finite together, finite each: nothing to clean.
    const areFinite = Number.isFinite(sum);
    if (areFinite) this.#remainingTokens = logits.length;
    else max = this.#clean(max);
    this.#max = max;
    this.#mostProbable = Math.max(0, logits.indexOf(max));
    return areFinite;
  }

  #clean(max: number): number {
    const logits = this.#logits;
    const isInfinite = max === Number.POSITIVE_INFINITY;
    for (let id = 0; id < logits.length; id++) {
      if (isInfinite) logits[id] = logits[id] === max ? 0 : Number.NEGATIVE_INFINITY;
      else if (!(logits[id] > Number.NEGATIVE_INFINITY)) logits[id] = Number.NEGATIVE_INFINITY;
    }
    this.#remainingTokens = this.#countPossible();
    return isInfinite ? 0 : max;
  }

  /**
   * Computes the weights of this step once, when first asked for: a greedy run never pays for them.
   */
  #weigh(): void {
    if (this.#weighed) return;
    this.#weighed = true;
    this.#logScale = 0;
    const logits = this.#logits;
    const weights = this.#weights;
    const removed = this.#removed;
    const max = this.#max;
    const factor = this.#factor;
    let total = 0;
    for (let block = 0; block < this.#sums.length; block++) {
      const end = Math.min(this.size, (block + 1) * blockSize);
      let all = 0;
      let left = 0;
      for (let id = block * blockSize; id < end; id++) {
        const weight = expOfNegative((logits[id] - max) * factor);
        all += weight;
        weights[id] = removed[id] === 0 ? weight : 0;
        left += weights[id];
      }
      this.#sums[block] = left;
      total += all;
    }
    this.#total = total;
    this.#logTotal = Math.log(total);
    this.#sumUp();
  }

  /** Weights of what is left, relative to the largest logit that is left. */
  #rescale(): void {
    const logits = this.#logits;
    const removed = this.#removed;
    let scale = Number.NEGATIVE_INFINITY;
    for (let id = 0; id < this.size; id++)
      if (removed[id] === 0 && logits[id] > scale) scale = logits[id];
    const factor = this.#factor;
    this.#sums.fill(0);
    for (let id = 0; id < this.size; id++) {
      if (removed[id] !== 0) continue;
      this.#weights[id] = expOfNegative((logits[id] - scale) * factor);
      this.#sums[Math.floor(id / blockSize)] += this.#weights[id];
    }
    this.#left = this.#sumBlocks();
    this.#logScale = (scale - this.#max) * factor;
    this.#total = Math.exp(this.#logTotal - this.#logScale);
  }

  #countPossible(): number {
    const logits = this.#logits;
    let count = 0;
    for (let id = 0; id < logits.length; id++) if (logits[id] > Number.NEGATIVE_INFINITY) count++;
    return count;
  }

  /** After sums of blocks changed. */
  #sumUp(): void {
    this.#left = this.#sumBlocks();
    if (this.#left < rescaleBelow && this.#remainingTokens > 0) this.#rescale();
  }

  #sumBlocks(): number {
    const sums = this.#sums;
    let sum = 0;
    for (let block = 0; block < sums.length; block++) sum += sums[block];
    return sum;
  }

  #drawWithin(block: number, rest: number): number {
    const weights = this.#weights;
    const end = Math.min(this.size, (block + 1) * blockSize);
    let drawn = -1;
    for (let id = block * blockSize; id < end; id++) {
      const weight = weights[id];
      if (weight === 0) continue;
      drawn = id;
      if (rest < weight) break;
      rest -= weight;
    }
    return drawn;
  }

  #findBest(block: number): void {
    const logits = this.#logits;
    const end = Math.min(this.size, (block + 1) * blockSize);
    let best = -1;
    let max = Number.NEGATIVE_INFINITY;
    for (let id = block * blockSize; id < end; id++) {
      if (logits[id] > max && this.#removed[id] === 0) {
        max = logits[id];
        best = id;
      }
    }
    this.#best[block] = best;
  }

  #drawBest(): number {
    if (this.#removed[this.#mostProbable] === 0) return this.#mostProbable;
    if (!this.#bestIsKnown)
      for (let block = 0; block < this.#best.length; block++) this.#findBest(block);
    this.#bestIsKnown = true;
    let best = -1;
    for (const id of this.#best)
      if (id >= 0 && (best < 0 || this.#logits[id] > this.#logits[best])) best = id;
    return best;
  }
}
