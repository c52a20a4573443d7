import { divergence } from './divergence.js';
import type { Effect } from './greedy-order.js';
import { readContinuation, rowsOf, type Sample } from './samples.js';

/** The mean effect of skipping layers in decoding, over all tokens of all samples. */
export async function skipEffect(
  samples: readonly Sample[],
  layerCount: number,
  skipped: readonly number[],
): Promise<Effect> {
  const layers = new Uint8Array(layerCount).fill(1);
  for (const layer of skipped) layers[layer] = 0;
  let tokens = 0;
  let kl = 0;
  let agreed = 0;
  for (const { sequence, continuation, references } of samples) {
    const logits = await readContinuation(sequence, continuation, layers);
    for (const [row, values] of rowsOf(logits, continuation.length).entries()) {
      const effect = divergence(references[row], values);
      kl += effect.kl;
      agreed += effect.sameTop ? 1 : 0;
      tokens++;
    }
  }
  return { kl: kl / tokens, agreement: agreed / tokens };
}
