import {
  type CacheView,
  type Decoder,
  mostProbable,
  readChunks,
  type Sequence,
} from '@pliant/core';

/**
 * Picks the most probable token after the last one read.
 * @throws LogitsError that names the decoder
 */
export function tokenAfter(
  { id }: Pick<Decoder, 'id'>,
  { nextPosition }: Pick<CacheView, 'nextPosition'>,
  logits: Float32Array,
): number {
  return mostProbable(logits, { decoder: id, position: nextPosition - 1 });
}

/**
 * Has a draft write after a prompt, greedily. An end token is written too and ends the text.
 * @param draft named in an error about its logits
 * @param sequence of the draft, empty
 * @param ids [n]
 * @param tokens longest text, in tokens; 1 or more
 */
export async function writeGreedily(
  draft: Pick<Decoder, 'id'>,
  sequence: Sequence,
  ids: Int32Array,
  tokens: number,
  endOfText: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<number[]> {
  const written: number[] = [];
  let read = await readChunks(sequence, ids, { signal });
  while (written.length < tokens) {
    signal.throwIfAborted();
    const { logits } = await sequence.forward({ ids: read, signal });
    const token = tokenAfter(draft, sequence.cache, logits);
    written.push(token);
    if (endOfText.has(token)) break;
    read = Int32Array.of(token);
  }
  return written;
}
