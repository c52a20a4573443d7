import type { ForwardInput, ForwardOutput, Want } from '../contract/decoder.js';
import { StateError } from '../contract/errors.js';
import { planChunks } from './prefill-chunks.js';

export interface PrefillOptions {
  readonly chunkSize: number;
  readonly signal: AbortSignal;
  forward(input: ForwardInput): Promise<ForwardOutput>;
  /** After each chunk; `read` tokens of `total`, and those of the `next` chunk, 0 after the last. */
  chunkDone(output: ForwardOutput, read: number, total: number, next: number): void;
}

/** Reads a prompt in chunks. Scores and logits are those of the last chunk, hidden means and block influences those of the whole. */
export async function readInChunks(
  input: ForwardInput,
  { chunkSize, signal, forward, chunkDone }: PrefillOptions,
): Promise<ForwardOutput> {
  const { ids, positions, want = {} } = input;
  if (want.logits === 'all')
    throw new StateError(
      "prefill gives the logits of the last row only; for those of every row run the decoder's forward",
    );
  const rows = Object.values(want.scores ?? {})
    .filter(({ chunks }) => chunks !== 'every')
    .map((request) => request.rows);
  const ends = planChunks(ids.length, chunkSize, Math.max(1, ...rows));
  let means: Float32Array | undefined;
  let influences: Float32Array | undefined;
  let logRatios: Float32Array | undefined;
  let from = 0;
  for (const [index, end] of ends.entries()) {
    signal.throwIfAborted();
    const isLast = end === ids.length;
    const output = await forward({
      ...input,
      ids: ids.subarray(from, end),
      positions: positions?.subarray(from, end),
      want: {
        logits: isLast ? want.logits : 'none',
        hiddenMeans: want.hiddenMeans,
        blockInfluences: want.blockInfluences,
        scores: scoresOfChunk(want.scores, end - from, isLast),
      },
      signal,
    });
    const share = (end - from) / ids.length;
    means = addMeans(means, output.hiddenMeans, share);
    influences = addMeans(influences, output.blockInfluences?.influences, share);
    logRatios = addMeans(logRatios, output.blockInfluences?.normRatios.map(Math.log), share);
    chunkDone(output, end, ids.length, isLast ? 0 : ends[index + 1] - end);
    if (isLast)
      return {
        ...output,
        hiddenMeans: means,
        ...(influences &&
          logRatios && { blockInfluences: { influences, normRatios: logRatios.map(Math.exp) } }),
      };
    from = end;
  }
  throw new StateError('there is nothing to read');
}

/** The requests that a chunk of `tokens` answers. */
function scoresOfChunk(
  requests: Want['scores'],
  tokens: number,
  isLast: boolean,
): Want['scores'] | undefined {
  const own = Object.entries(requests ?? {}).flatMap(([name, request]) => {
    if (request.chunks !== 'every') return isLast ? [[name, request] as const] : [];
    const rows = Math.min(request.rows, tokens);
    return [[name, { ...request, rows, rowWeights: request.rowWeights?.slice(-rows) }] as const];
  });
  return own.length > 0 ? Object.fromEntries(own) : undefined;
}

function addMeans(
  sum: Float32Array | undefined,
  means: Float32Array | undefined,
  weight: number,
): Float32Array | undefined {
  if (!means) return undefined;
  const total = sum ?? new Float32Array(means.length);
  for (let i = 0; i < total.length; i++) total[i] += means[i] * weight;
  return total;
}
