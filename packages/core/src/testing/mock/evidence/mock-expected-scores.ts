import { futurePositions } from '../../../checks/future-positions.js';
import type { DecoderShape } from '../../../contract/decoder.js';
import type { ScoresRequest } from '../../../contract/evidence/scores.js';
import type { MockCache } from '../model/mock-cache.js';
import { type Observed, softmax } from '../model/mock-model.js';
import { rotate } from '../model/mock-rotary.js';
import { reduceHeads } from './reduce-heads.js';

/**
 * The attention that a layer's rows are expected to get from the positions to come, as a
 * `ScoresRequest` with `future` asks.
 */
export class ExpectedScores {
  /** Query of each row asked for: [heads, D], before rotation. */
  private readonly queries: Float64Array[] = [];

  constructor(
    private readonly request: ScoresRequest & { readonly future: number },
    private readonly shape: DecoderShape,
    private readonly cache: Pick<MockCache, 'nextRotaryPosition' | 'rows' | 'buffers'>,
    private readonly layer: number,
  ) {}

  /** The next query row. */
  add({ query }: Pick<Observed, 'query'>): void {
    this.queries.push(query.slice());
  }

  /** Once every row was read. [heads, total] or [kvHeads, total] */
  result(): Float32Array {
    const { heads, kvHeads, headDim, maxPositions } = this.shape;
    const { request, cache, layer } = this;
    const positions = futurePositions(cache.nextRotaryPosition - 1, request.future, maxPositions);
    const queries = this.queries.map((query) => turned(query, headDim, positions));
    const total = cache.rows(layer);
    const { keys, capacity } = cache.buffers(layer);
    const scores = new Float64Array(heads * total);
    for (let head = 0; head < heads; head++) {
      const own = head * headDim;
      const base = Math.floor(head / (heads / kvHeads)) * capacity * headDim;
      for (let t = 0; t < total; t++) {
        const at = base + t * headDim;
        const logits = queries.map((query) => {
          let dot = 0;
          for (let d = 0; d < headDim; d++) dot += query[own + d] * keys[at + d];
          return dot / Math.sqrt(headDim);
        });
        const average = mean(logits);
        const variance = mean(logits.map((logit) => (logit - average) ** 2));
        scores[head * total + t] = average + variance / 2;
      }
      softmax(scores, head * total, (head + 1) * total);
    }
    return reduceHeads(scores, request.reduceHeads, heads, kvHeads);
  }
}

/** The mean of `query` turned to each of `positions`. */
function turned(query: Float64Array, headDim: number, positions: Int32Array): Float64Array {
  const sum = new Float64Array(query.length);
  for (const position of positions) {
    const copy = query.slice();
    rotate(copy, headDim, position);
    for (let i = 0; i < sum.length; i++) sum[i] += copy[i] / positions.length;
  }
  return sum;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
