import {
  type Decoder,
  type ForwardOutput,
  mostProbable,
  PliantError,
  readChunks,
  type ScoresRequest,
  type Sequence,
} from '@pliant/core';

const scoresName = 'prompt-compress';

export interface Scoring {
  readonly draft: Pick<Decoder, 'id' | 'shape'>;
  /** [rows], 0 to 1: the weight of the attention of the last tokens of `ids`. */
  readonly rowWeights: Float32Array;
  readonly layers: readonly number[];
  /** Query heads whose attention counts, by layer. Default: all heads of each layer. */
  readonly heads?: ReadonlyMap<number, readonly number[]>;
  readonly reduction: 'max' | 'sum';
  /**
   * Draft tokens N, 1 or more. The N - 1 that are fed back add a query row each. With 1 nothing is
   * written.
   */
  readonly lookahead: number;
  /** Drafting ends after one of these. */
  readonly endOfText: ReadonlySet<number>;
}

export interface DraftScores {
  /** [n] */
  readonly score: Float64Array;
  /**
   * Tokens that the draft wrote after the prompt, including the end token: at most N, none if N is
   * 1.
   */
  readonly written: readonly number[];
}

/**
 * Measures what the draft attends to. A prompt token's score is the attention that it gets from the
 * last prompt tokens, each times its weight, and from the drafted tokens that are fed back. It is
 * reduced by maximum or sum over rows, heads, layers and steps.
 * @param sequence of the draft, empty
 * @param ids [n], at least as many as there are rows
 * @throws PliantError that names the draft, if its attention or its logits are not numbers
 */
export async function draftScores(
  sequence: Sequence,
  ids: Int32Array,
  scoring: Scoring,
  signal: AbortSignal,
): Promise<DraftScores> {
  const { draft, rowWeights, layers, heads, reduction, lookahead, endOfText } = scoring;
  const rows = rowWeights.length;
  const reduceHeads = heads ? 'none' : reduction;
  const count = heads ? draft.shape.heads : draft.shape.kvHeads;
  const all = Array.from({ length: count }, (_, head) => head);
  const request = { layers, reduceRows: reduction, reduceHeads } as const;
  const score = new Float64Array(ids.length);

  // The last chunk is longer if the window would not fit into it otherwise.
  const rest = await readChunks(sequence, ids, { leave: rows, signal });
  let last = await read(rest, { ...request, rows, rowWeights });
  const written: number[] = [];
  while (lookahead > 1) {
    const position = sequence.cache.nextPosition - 1;
    const token = mostProbable(last.logits, { decoder: draft.id, position });
    written.push(token);
    if (written.length === lookahead || endOfText.has(token)) break;
    last = await read(Int32Array.of(token), { ...request, rows: 1 });
  }
  if (score.some(Number.isNaN))
    throw new PliantError(
      `draft '${draft.id}' gave attention that is NaN, so nothing can be ranked by it: its weights are damaged, or it overflows in its precision; give another draft`,
    );
  return { score, written };

  async function read(chunk: Int32Array, scores: ScoresRequest): Promise<ForwardOutput> {
    signal.throwIfAborted();
    const logits = lookahead > 1 ? 'last' : 'none';
    const want = { logits, scores: { [scoresName]: scores } } as const;
    const output = await sequence.forward({ ids: chunk, want, signal });
    for (const [layer, layerScores] of output.scores![scoresName])
      accumulate(score, layerScores, count, reduction, heads?.get(layer) ?? all);
    return output;
  }
}

/**
 * @param layerScores [count, T], of query heads, or reduced to KV heads; columns after the prompt's
 * are ignored
 * @param chosen the heads that count
 */
function accumulate(
  score: Float64Array,
  layerScores: Float32Array,
  count: number,
  reduction: 'max' | 'sum',
  chosen: readonly number[],
): void {
  const rows = layerScores.length / count;
  for (const head of chosen) {
    for (let i = 0; i < score.length; i++) {
      const value = layerScores[head * rows + i];
      if (reduction === 'sum') score[i] += value;
      // NaN stays.
      else score[i] = Math.max(score[i], value);
    }
  }
}
