import type { Observed } from '../model/mock-model.js';
import type { EvidenceObserver, MockForward } from './evidence-observer.js';

/** Sums each layer's normalised input over the tokens. */
export class HiddenMeans implements EvidenceObserver<'hiddenMeans'> {
  readonly #tokens: number;
  /** [layers, hidden] */
  readonly #sums: Float64Array;

  constructor({ shape, tokens }: MockForward) {
    this.#tokens = tokens;
    this.#sums = new Float64Array(shape.layers * shape.hidden);
  }

  attention(_token: number, layer: number, { normalised }: Observed): void {
    for (let i = 0; i < normalised.length; i++)
      this.#sums[layer * normalised.length + i] += normalised[i];
  }

  result(): Float32Array {
    return Float32Array.from(this.#sums, (sum) => sum / this.#tokens);
  }
}
