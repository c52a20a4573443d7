import type { BlockInfluences } from '../../../contract/evidence/block-influences.js';
import type { EvidenceObserver, MockForward } from './evidence-observer.js';

/** Sums over tokens of how each layer turns and stretches the hidden state. */
export class BlockChanges implements EvidenceObserver<'blockInfluences'> {
  readonly #forward: MockForward;
  readonly #cosines: Float64Array;
  readonly #logRatios: Float64Array;

  constructor(forward: MockForward) {
    this.#forward = forward;
    this.#cosines = new Float64Array(forward.shape.layers);
    this.#logRatios = new Float64Array(forward.shape.layers);
  }

  change(_token: number, layer: number, before: Float64Array, after: Float64Array): void {
    let dot = 0;
    let squaresBefore = 0;
    let squaresAfter = 0;
    for (let i = 0; i < before.length; i++) {
      dot += before[i] * after[i];
      squaresBefore += before[i] * before[i];
      squaresAfter += after[i] * after[i];
    }
    this.#cosines[layer] += dot / Math.sqrt(squaresBefore * squaresAfter);
    this.#logRatios[layer] += Math.log(squaresAfter / squaresBefore) / 2;
  }

  result(): BlockInfluences {
    const { gates, tokens } = this.#forward;
    const runs = (layer: number) => !gates || gates[layer] === 1;
    return {
      influences: Float32Array.from(this.#cosines, (sum, layer) =>
        runs(layer) ? 1 - sum / tokens : 0,
      ),
      normRatios: Float32Array.from(this.#logRatios, (sum) => Math.exp(sum / tokens)),
    };
  }
}
