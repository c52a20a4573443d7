import type { EvidenceWant } from '../../../contract/evidence/evidence.js';
import type { EvidenceObserver, MockForward } from './evidence-observer.js';

/** Keeps the hidden states that are asked for. */
export class HiddenRows implements EvidenceObserver<'hiddenRows'> {
  readonly #tokens: number;
  readonly #hidden: number;
  readonly #requests;

  constructor({ shape, tokens }: MockForward, requests: NonNullable<EvidenceWant['hiddenRows']>) {
    this.#tokens = tokens;
    this.#hidden = shape.hidden;
    this.#requests = Object.entries(requests).map(([name, { rows, layers }]) => ({
      name,
      rows,
      states: new Map(
        layers.map((count) => [count, new Float32Array(rows * shape.hidden)] as const),
      ),
    }));
  }

  state(token: number, layers: number, state: Float64Array): void {
    for (const { rows, states } of this.#requests) {
      const row = token - (this.#tokens - rows);
      if (row >= 0) states.get(layers)?.set(state, row * this.#hidden);
    }
  }

  result() {
    return Object.fromEntries(this.#requests.map(({ name, states }) => [name, states]));
  }
}
