import type { BlockInfluences } from '../../../contract/decoder.js';
import type { ChangeObserver } from '../model/mock-model.js';

/** Sums over tokens of how each layer turns and stretches the hidden state. */
export class BlockChanges {
  private readonly cosines: Float64Array;
  private readonly logRatios: Float64Array;

  constructor(layers: number) {
    this.cosines = new Float64Array(layers);
    this.logRatios = new Float64Array(layers);
  }

  readonly observe: ChangeObserver = (layer, before, after) => {
    let dot = 0;
    let squaresBefore = 0;
    let squaresAfter = 0;
    for (let i = 0; i < before.length; i++) {
      dot += before[i] * after[i];
      squaresBefore += before[i] * before[i];
      squaresAfter += after[i] * after[i];
    }
    this.cosines[layer] += dot / Math.sqrt(squaresBefore * squaresAfter);
    this.logRatios[layer] += Math.log(squaresAfter / squaresBefore) / 2;
  };

  mean(tokens: number, gates: Uint8Array | undefined): BlockInfluences {
    const runs = (layer: number) => !gates || gates[layer] === 1;
    return {
      influences: Float32Array.from(this.cosines, (sum, layer) =>
        runs(layer) ? 1 - sum / tokens : 0,
      ),
      normRatios: Float32Array.from(this.logRatios, (sum) => Math.exp(sum / tokens)),
    };
  }
}
