import { z } from 'zod/v4';
import type { Evidence, EvidenceForward, EvidenceRow } from './evidence-row.js';

/**
 * Attention probabilities of the last `rows` new rows over the whole cache (the new rows included,
 * causal, softmax over every visible key, fp32), reduced over rows, then over the query heads of a
 * KV head.
 */
export interface ScoresRequest {
  /**
   * At least 1, at most the new rows of the forward (a prefill in chunks sees to it that the last
   * chunk has as many).
   */
  readonly rows: number;
  /**
   * Instead of the attention that those rows pay, the attention that the next `future` positions
   * are expected to (Expected Attention, Devoto et al. 2025, arXiv:2510.00636): queries there are
   * taken to be normally distributed, with the mean and the covariance that the `rows` have before
   * rotation, rotated by the average over those positions. Per query head softmax_j(mean_i(l_ij) +
   * var_i(l_ij) / 2), over every cached key j, l_ij the logit of row i so rotated and the variance
   * divided by `rows`; then over the query heads as usual.
   *
   * The positions follow that of the last row, and end where the context ends; where none is left,
   * its last one counts. 1 or more; `reduceRows` must be 'mean', without `rowWeights`. A sliding
   * window is ignored. Default: the attention that the rows pay.
   */
  readonly future?: number;
  /**
   * The chunks of a prefill that answer the request. `'last'`: the last chunk alone. `'every'`:
   * each chunk, for its own last rows (at most `rows`) over the cache so far; `editCache` gets the
   * scores of each, for accumulated attention. A single forward ignores it. Default `'last'`.
   */
  readonly chunks?: 'last' | 'every';
  /** Default all. */
  readonly layers?: readonly number[];
  /** [rows], multiplied before the reduction. Default all 1. */
  readonly rowWeights?: Float32Array;
  readonly reduceRows: 'max' | 'mean' | 'sum';
  /** Over the query heads of each KV head; `'none'` returns every query head. */
  readonly reduceHeads: 'max' | 'mean' | 'sum' | 'none';
}

/** Requests by name. */
type Requests = { readonly [name: string]: ScoresRequest };

export type ScoresEvidence = Evidence<
  'scores',
  Requests,
  { readonly [name: string]: ReadonlyMap<number, Float32Array> }
>;

export const scores: EvidenceRow<ScoresEvidence> = {
  capability: 'scores',
  noun: 'queries to compute attention from',
  schema: z.record(
    z.string(),
    z.strictObject({
      rows: z.number(),
      future: z.number().optional(),
      chunks: z.enum(['last', 'every']).optional(),
      layers: z.array(z.number()).readonly().optional(),
      rowWeights: z.instanceof(Float32Array).optional(),
      reduceRows: z.enum(['max', 'mean', 'sum']),
      reduceHeads: z.enum(['max', 'mean', 'sum', 'none']),
    }),
  ),
  isWanted: (want) => want !== undefined && Object.keys(want).length > 0,
  check(want, path, forward) {
    for (const [name, request] of Object.entries(want))
      checkRequest(request, `${path}.${name}`, forward);
  },
  inChunk(want, { tokens, isLast }) {
    const own = Object.entries(want).flatMap(([name, request]) => {
      if (request.chunks !== 'every') return isLast ? [[name, request] as const] : [];
      const rows = Math.min(request.rows, tokens);
      return [[name, { ...request, rows, rowWeights: request.rowWeights?.slice(-rows) }] as const];
    });
    return own.length > 0 ? Object.fromEntries(own) : undefined;
  },
  rowsOfLastChunk(want) {
    const lastOnly = Object.values(want).filter(({ chunks }) => chunks !== 'every');
    return Math.max(1, ...lastOnly.map(({ rows }) => rows));
  },
  pool: (_, next) => next,
};

function checkRequest(
  { rows, rowWeights, future, reduceRows, layers }: ScoresRequest,
  path: string,
  forward: EvidenceForward,
): void {
  const refuse = (key: string, message: string) => forward.refuse(`${path}.${key}`, message);
  if (!Number.isInteger(rows) || rows < 1 || rows > forward.tokens)
    throw refuse('rows', `${rows} is not a number of rows from 1 to ${forward.tokens}`);
  if (rowWeights && (rowWeights.length !== rows || !rowWeights.every(Number.isFinite)))
    throw refuse('rowWeights', `must hold ${rows} finite numbers`);
  if (future !== undefined) {
    if (!Number.isInteger(future) || future < 1)
      throw refuse('future', `${future} is not a number of positions, 1 or more`);
    if (reduceRows !== 'mean')
      throw refuse('reduceRows', `must be 'mean' with \`future\`, is '${reduceRows}'`);
    if (rowWeights) throw refuse('rowWeights', 'cannot be combined with `future`; leave one out');
  }
  for (const layer of layers ?? [])
    if (!Number.isInteger(layer) || layer < 0 || layer >= forward.layers)
      throw refuse('layers', `${layer} is not a layer from 0 to ${forward.layers - 1}`);
}
