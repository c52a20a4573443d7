import type { Sequence } from '@pliant/core';

/** Tokens a forward, so that an abort is seen between. */
const chunkTokens = 512;

/**
 * What a draft writes after a prompt, greedily. An end token is written too and ends it.
 * @param sequence of the draft, empty
 * @param ids [n]
 * @param tokens at most; 1 or more
 */
export async function writeGreedily(
  sequence: Sequence,
  ids: Int32Array,
  tokens: number,
  endOfText: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<number[]> {
  let from = 0;
  for (; ids.length - from > chunkTokens; from += chunkTokens) {
    signal.throwIfAborted();
    const chunk = ids.subarray(from, from + chunkTokens);
    await sequence.forward({ ids: chunk, want: { logits: 'none' }, signal });
  }
  const written: number[] = [];
  let read = ids.subarray(from);
  while (written.length < tokens) {
    signal.throwIfAborted();
    const { logits } = await sequence.forward({ ids: read, signal });
    const token = argmax(logits);
    written.push(token);
    if (endOfText.has(token)) break;
    read = Int32Array.of(token);
  }
  return written;
}

/** Of equal logits the lowest id. */
export function argmax(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  return best;
}
