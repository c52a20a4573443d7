import type { Sequence } from '@pliant/core';
import { logSumExp } from '@pliant/shared/statistics';

/** Rows of logits at a time: a vocabulary of 150,000 tokens takes 77 MB. */
const rows = 128;

/**
 * How little a language model expects each token, -ln p(token | what stands before it), in nats.
 * @param sequence empty; needs `logits.all`
 * @param context read first; at least one token
 * @param ids [n]
 * @returns [n]
 */
export async function surprisals(
  sequence: Sequence,
  context: Int32Array,
  ids: Int32Array,
): Promise<Float64Array> {
  const all = Int32Array.from([...context, ...ids]);
  const found = new Float64Array(ids.length);
  // The last token predicts nothing that is asked for.
  for (let from = 0; from < all.length - 1; from += rows) {
    const chunk = all.subarray(from, Math.min(from + rows, all.length - 1));
    const { logits } = await sequence.forward({ ids: chunk, want: { logits: 'all' } });
    const vocabulary = logits.length / chunk.length;
    for (let row = 0; row < chunk.length; row++) {
      const token = from + row + 1 - context.length;
      if (token < 0) continue;
      const own = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
      found[token] = logSumExp(own).logSum - own[ids[token]];
    }
  }
  return found;
}
