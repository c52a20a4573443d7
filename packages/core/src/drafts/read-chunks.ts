import type { Sequence } from '../contract/decoder.js';

const chunkTokens = 512;

/**
 * Reads all but the end of a prompt in chunks of 512 tokens, without logits. An abort is noticed
 * between chunks.
 * @param sequence of a draft
 * @param ids [n], n at least 1
 * @param leave fewest tokens to leave beyond a chunk, for a last forward that needs at least as
 * many rows. Default 0
 * @returns the ids not yet read, at least one and at most 512 + `leave` of them, as a view of `ids`
 * @throws what `signal` was aborted with
 */
export async function readChunks(
  sequence: Pick<Sequence, 'forward'>,
  ids: Int32Array,
  { leave = 0, signal }: { readonly leave?: number; readonly signal: AbortSignal },
): Promise<Int32Array> {
  let from = 0;
  for (; ids.length - from > chunkTokens + leave; from += chunkTokens) {
    signal.throwIfAborted();
    const chunk = ids.subarray(from, from + chunkTokens);
    await sequence.forward({ ids: chunk, want: { logits: 'none' }, signal });
  }
  return ids.subarray(from);
}
