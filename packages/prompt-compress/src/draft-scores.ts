import {
  type ForwardOutput,
  mostProbable,
  PliantError,
  type ScoresRequest,
  type Sequence,
} from '@pliant/core';

/** Tokens a forward; the last chunk is longer where the window would not fit into it otherwise. */
const chunkTokens = 512;
const scoresName = 'prompt-compress';

export interface Scoring {
  /** The draft's id, for errors. */
  readonly draft: string;
  /** Last tokens of `ids` whose attention counts. */
  readonly window: number;
  readonly layers: readonly number[];
  readonly reduction: 'max' | 'sum';
  readonly weightedQuery: boolean;
  /** Draft tokens N, 1 or more; the N - 1 that are fed back add a query row each. With 1 nothing is written. */
  readonly lookahead: number;
  /** Drafting ends after one of these. */
  readonly endOfText: ReadonlySet<number>;
}

export interface DraftScores {
  /** [n] */
  readonly score: Float64Array;
  /** What the draft wrote behind the prompt, the end token included: N tokens at most, none where N is 1. */
  readonly written: readonly number[];
}

/**
 * What the draft attends to: per prompt token the attention it gets from the last `window` prompt tokens, row t of them times
 * t / (window - 1) where `weightedQuery`, and from the drafted tokens that are fed back; reduced by maximum or sum over rows, heads,
 * layers and steps.
 * @param sequence of the draft, empty
 * @param ids [n], n at least `window`
 * @throws PliantError that names the draft, where its attention or its logits are no numbers
 */
export async function draftScores(
  sequence: Sequence,
  ids: Int32Array,
  scoring: Scoring,
  signal: AbortSignal,
): Promise<DraftScores> {
  const { draft, window, layers, reduction, weightedQuery, lookahead, endOfText } = scoring;
  const request = { layers, reduceRows: reduction, reduceHeads: reduction } as const;
  const score = new Float64Array(ids.length);

  let from = 0;
  for (; ids.length - from > chunkTokens + window; from += chunkTokens) {
    signal.throwIfAborted();
    const chunk = ids.subarray(from, from + chunkTokens);
    await sequence.forward({ ids: chunk, want: { logits: 'none' }, signal });
  }
  const rowWeights = weightedQuery ? queryWeights(window) : undefined;
  let last = await read(ids.subarray(from), { ...request, rows: window, rowWeights });
  const written: number[] = [];
  while (lookahead > 1) {
    const position = sequence.cache.nextPosition - 1;
    const token = mostProbable(last.logits, { decoder: draft, position });
    written.push(token);
    if (written.length === lookahead || endOfText.has(token)) break;
    last = await read(Int32Array.of(token), { ...request, rows: 1 });
  }
  if (score.some(Number.isNaN))
    throw new PliantError(
      `draft '${draft}' gave attention that is NaN: nothing can be ranked by it. Its weights are damaged, or it overflows in the precision that it runs in`,
    );
  return { score, written };

  async function read(chunk: Int32Array, scores: ScoresRequest): Promise<ForwardOutput> {
    signal.throwIfAborted();
    const logits = lookahead > 1 ? 'last' : 'none';
    const want = { logits, scores: { [scoresName]: scores } } as const;
    const output = await sequence.forward({ ids: chunk, want, signal });
    for (const layerScores of output.scores![scoresName].values())
      accumulate(score, layerScores, sequence.cache.kvHeads, reduction);
    return output;
  }
}

/** [window], t / (window - 1): later rows count more. A single row is not weighted. */
function queryWeights(window: number): Float32Array | undefined {
  if (window === 1) return undefined;
  return Float32Array.from({ length: window }, (_, t) => t / (window - 1));
}

/** @param layerScores [kvHeads, T]; columns after the prompt's are left out */
function accumulate(
  score: Float64Array,
  layerScores: Float32Array,
  kvHeads: number,
  reduction: 'max' | 'sum',
): void {
  const rows = layerScores.length / kvHeads;
  for (let head = 0; head < kvHeads; head++) {
    for (let i = 0; i < score.length; i++) {
      const value = layerScores[head * rows + i];
      if (reduction === 'sum') score[i] += value;
      // NaN stays.
      else score[i] = Math.max(score[i], value);
    }
  }
}
