import type { CheckedForward } from '../../../checks/check-forward.js';
import type { DecoderShape } from '../../../contract/decoder.js';
import type { MockCache } from './mock-cache.js';
import { rotate } from './mock-rotary.js';
import type { Weights } from './mock-weights.js';

/** The internals of a layer for one token; valid during the call. */
export interface Observed {
  /** [hidden], the layer's input. */
  readonly normalised: Float64Array;
  /** [heads, D], before rotation. */
  readonly query: Float64Array;
  /** [heads, stride], of which the first `visible` of each head are set. */
  readonly probabilities: Float64Array;
  readonly stride: number;
  readonly visible: number;
}

/** Sees a token pass through the model. The arrays are valid during the call. */
export interface Observers {
  /** Called for each layer that runs. */
  attention?(layer: number, observed: Observed): void;
  /** Called with the hidden state [hidden] before and after each layer that runs. */
  change?(layer: number, before: Float64Array, after: Float64Array): void;
  /**
   * Called with the embedding, as the state after 0 layers, and then with the hidden state [hidden]
   * after each layer, also a skipped one.
   */
  state?(layers: number, state: Float64Array): void;
}

/**
 * Four sums at once, since one would wait for each addition; the widths of the mock are multiples
 * of four.
 */
function multiply(
  matrix: Float64Array,
  input: Float64Array,
  output: Float64Array | Float32Array,
): void {
  const inputs = input.length;
  for (let o = 0, at = 0; o < output.length; o++) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = 0; i < inputs; i += 4, at += 4) {
      a += matrix[at] * input[i];
      b += matrix[at + 1] * input[i + 1];
      c += matrix[at + 2] * input[i + 2];
      d += matrix[at + 3] * input[i + 3];
    }
    output[o] = a + b + (c + d);
  }
}

function normalise(input: Float64Array, output: Float64Array): void {
  let squares = 0;
  for (let i = 0; i < input.length; i++) squares += input[i] * input[i];
  const scale = 1 / Math.sqrt(squares / input.length + 1e-6);
  for (let i = 0; i < input.length; i++) output[i] = input[i] * scale;
}

/** In place, over `from` to `to`. */
export function softmax(values: Float64Array, from: number, to: number): void {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = from; i < to; i++) max = Math.max(max, values[i]);
  let sum = 0;
  for (let i = from; i < to; i++) {
    values[i] = Math.exp(values[i] - max);
    sum += values[i];
  }
  for (let i = from; i < to; i++) values[i] /= sum;
}

/**
 * A pre-norm transformer (RMSNorm without gains, grouped-query attention with RoPE, SwiGLU) in
 * plain arrays. It reads one token at a time, so a prompt gives the same bits in one forward or in
 * many. Not re-entrant: the scratch arrays are shared.
 */
export class MockModel {
  private readonly residual: Float64Array;
  private readonly normalised: Float64Array;
  private readonly query: Float64Array;
  private readonly key: Float64Array;
  private readonly value: Float64Array;
  private readonly mixed: Float64Array;
  private readonly gate: Float64Array;
  private readonly up: Float64Array;
  private readonly delta: Float64Array;
  private probabilities = new Float64Array(0);

  constructor(
    private readonly shape: DecoderShape,
    private readonly weights: Weights,
  ) {
    const { heads, kvHeads, headDim, hidden } = shape;
    this.residual = new Float64Array(hidden);
    this.normalised = new Float64Array(hidden);
    this.delta = new Float64Array(hidden);
    this.query = new Float64Array(heads * headDim);
    this.mixed = new Float64Array(heads * headDim);
    this.key = new Float64Array(kvHeads * headDim);
    this.value = new Float64Array(kvHeads * headDim);
    this.gate = new Float64Array(weights.intermediate);
    this.up = new Float64Array(weights.intermediate);
  }

  /** Reads a token: writes a row to every layer that runs. */
  read(
    cache: MockCache,
    id: number,
    position: number,
    { gates, scales }: Pick<CheckedForward, 'gates' | 'scales'>,
    observers: Observers,
  ): void {
    const { hidden, layers } = this.shape;
    const { residual } = this;
    residual.set(this.weights.embedding.subarray(id * hidden, (id + 1) * hidden));
    observers.state?.(0, residual);
    for (let layer = 0; layer < layers; layer++) {
      if (gates && gates[layer] === 0) {
        const scale = scales?.[layer] ?? 1;
        for (let i = 0; i < hidden; i++) residual[i] *= scale;
      } else {
        const before = observers.change && residual.slice();
        this.attend(cache, layer, position, observers.attention);
        this.transform(layer);
        if (before) observers.change?.(layer, before, residual);
      }
      observers.state?.(layer + 1, residual);
    }
  }

  /** [vocabulary], of the token read last. */
  logits(output: Float32Array): void {
    normalise(this.residual, this.normalised);
    multiply(this.weights.head, this.normalised, output);
    for (let id = 0; id < output.length; id++) output[id] += this.weights.headBias[id];
  }

  private attend(
    cache: MockCache,
    layer: number,
    position: number,
    observe: Observers['attention'],
  ): void {
    const { heads, kvHeads, headDim, hidden } = this.shape;
    const weights = this.weights.layers[layer];
    const { normalised, query, key, value, mixed } = this;
    normalise(this.residual, normalised);
    multiply(weights.query, normalised, query);
    multiply(weights.key, normalised, key);
    multiply(weights.value, normalised, value);
    const unrotated = observe && query.slice();
    const rotary = position + cache.rotaryOffset;
    rotate(query, headDim, rotary);
    rotate(key, headDim, rotary);

    const row = cache.append(layer, position);
    const { keys, values, capacity } = cache.buffers(layer);
    for (let head = 0; head < kvHeads; head++) {
      const at = (head * capacity + row) * headDim;
      keys.set(key.subarray(head * headDim, (head + 1) * headDim), at);
      values.set(value.subarray(head * headDim, (head + 1) * headDim), at);
    }

    const visible = row + 1;
    if (this.probabilities.length < heads * capacity)
      this.probabilities = new Float64Array(heads * capacity);
    const { probabilities } = this;
    const scale = 1 / Math.sqrt(headDim);
    mixed.fill(0);
    for (let head = 0; head < heads; head++) {
      const base = Math.floor(head / (heads / kvHeads)) * capacity * headDim;
      const from = head * capacity;
      const own = head * headDim;
      for (let t = 0, at = base; t < visible; t++) {
        let dot = 0;
        for (let d = own; d < own + headDim; d++) dot += query[d] * keys[at++];
        probabilities[from + t] = dot * scale;
      }
      softmax(probabilities, from, from + visible);
      for (let t = 0, at = base; t < visible; t++) {
        const probability = probabilities[from + t];
        for (let d = own; d < own + headDim; d++) mixed[d] += probability * values[at++];
      }
    }
    observe?.(layer, { normalised, query: unrotated!, probabilities, stride: capacity, visible });
    multiply(weights.output, mixed, this.delta);
    for (let i = 0; i < hidden; i++) this.residual[i] += this.delta[i];
  }

  private transform(layer: number): void {
    const weights = this.weights.layers[layer];
    const { normalised, gate, up, delta, residual } = this;
    normalise(residual, normalised);
    multiply(weights.gate, normalised, gate);
    multiply(weights.up, normalised, up);
    for (let i = 0; i < gate.length; i++) gate[i] = (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
    multiply(weights.down, gate, delta);
    for (let i = 0; i < residual.length; i++) residual[i] += delta[i];
  }
}
