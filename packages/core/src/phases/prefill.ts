import type { ForwardInput, ForwardOutput } from '../contract/decoder.js';
import { StateError } from '../contract/errors.js';
import {
  type EvidenceGiven,
  evidenceOfChunk,
  poolEvidence,
  rowsOfLastChunk,
} from '../contract/evidence/evidence.js';
import { inputsOfChunk } from '../contract/forward-inputs.js';
import { planChunks } from './prefill-chunks.js';

export interface PrefillOptions {
  readonly chunkSize: number;
  readonly signal: AbortSignal;
  forward(input: ForwardInput): Promise<ForwardOutput>;
  /**
   * After each chunk; `read` tokens of `total`, and those of the `next` chunk, 0 after the last.
   */
  chunkDone(output: ForwardOutput, read: number, total: number, next: number): void;
}

/**
 * Reads a prompt in chunks. The logits are those of the last chunk; evidence is pooled, as
 * `poolEvidence` does.
 */
export async function readInChunks(
  input: ForwardInput,
  { chunkSize, signal, forward, chunkDone }: PrefillOptions,
): Promise<ForwardOutput> {
  const { ids, want = {} } = input;
  if (want.logits === 'all')
    throw new StateError(
      "prefill gives the logits of the last row only; for those of every row run the decoder's forward",
    );
  const ends = planChunks(ids.length, chunkSize, rowsOfLastChunk(want));
  let given: EvidenceGiven = {};
  let from = 0;
  for (const [index, end] of ends.entries()) {
    signal.throwIfAborted();
    const isLast = end === ids.length;
    const output = await forward({
      ...input,
      ids: ids.subarray(from, end),
      ...inputsOfChunk(input, from, end),
      want: {
        ...want,
        logits: isLast ? want.logits : 'none',
        ...evidenceOfChunk(want, { tokens: end - from, isLast }),
      },
      signal,
    });
    given = poolEvidence(given, output, (end - from) / end);
    chunkDone(output, end, ids.length, isLast ? 0 : ends[index + 1] - end);
    if (isLast) return { ...output, ...given };
    from = end;
  }
  throw new StateError('there is nothing to read');
}
