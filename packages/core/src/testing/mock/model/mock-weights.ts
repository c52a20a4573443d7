import type { DecoderShape } from '../../../contract/decoder.js';
import { randomStream } from '../../../sampling/random.js';
import { mockTokenizer } from './mock-tokenizer.js';

/** Matrices are row-major [outputs, inputs]. */
export interface LayerWeights {
  readonly query: Float64Array;
  readonly key: Float64Array;
  readonly value: Float64Array;
  readonly output: Float64Array;
  readonly gate: Float64Array;
  readonly up: Float64Array;
  readonly down: Float64Array;
}

export interface Weights {
  /** [vocabulary, hidden] */
  readonly embedding: Float64Array;
  readonly layers: readonly LayerWeights[];
  /** [vocabulary, hidden] */
  readonly head: Float64Array;
  /** [vocabulary], added to the logits: readable text is likely, control tokens are not. */
  readonly headBias: Float64Array;
  /** Width of the MLP. */
  readonly intermediate: number;
}

const made = new Map<string, Weights>();

/** The weights of a shape and seed, made once: tests open many decoders. */
export function mockWeights(shape: DecoderShape, seed: number): Weights {
  const key = JSON.stringify([seed, shape]);
  const weights = made.get(key) ?? makeWeights(shape, seed);
  made.set(key, weights);
  return weights;
}

/**
 * Gaussian weights. The gains are chosen so that attention is neither flat nor one-hot and that
 * every layer changes the residual stream by about as much as it holds: any edit of the cache then
 * shows in the logits.
 */
function makeWeights(shape: DecoderShape, seed: number): Weights {
  const { layers, heads, kvHeads, headDim, hidden, vocabulary } = shape;
  const intermediate = 2 * hidden;
  const matrix = (name: string, outputs: number, inputs: number, gain: number) => {
    const random = randomStream(seed, name);
    const deviation = gain / Math.sqrt(inputs);
    return Float64Array.from({ length: outputs * inputs }, () => {
      const radius = Math.sqrt(-2 * Math.log(random()));
      return deviation * radius * Math.cos(2 * Math.PI * random());
    });
  };
  return {
    intermediate,
    embedding: matrix('embedding', vocabulary, hidden, Math.sqrt(hidden)),
    head: matrix('head', vocabulary, hidden, 3),
    headBias: readableText(vocabulary),
    layers: Array.from({ length: layers }, (_, layer) => ({
      query: matrix(`${layer}/query`, heads * headDim, hidden, 1.4),
      key: matrix(`${layer}/key`, kvHeads * headDim, hidden, 1.4),
      value: matrix(`${layer}/value`, kvHeads * headDim, hidden, 1.5),
      output: matrix(`${layer}/output`, hidden, heads * headDim, 1.5),
      gate: matrix(`${layer}/gate`, intermediate, hidden, 1),
      up: matrix(`${layer}/up`, intermediate, hidden, 1),
      down: matrix(`${layer}/down`, hidden, intermediate, 1.5),
    })),
  };
}

function readableText(vocabulary: number): Float64Array {
  const tokenizer = mockTokenizer();
  return Float64Array.from({ length: vocabulary }, (_, id) => {
    if (tokenizer.special.has(id)) return -3;
    return tokenizer.bytes(id).every((byte) => byte >= 0x20 && byte < 0x7f) ? 2 : 0;
  });
}
