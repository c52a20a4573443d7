import { z } from 'zod/v4';
import type { Evidence, EvidenceForward, EvidenceRow } from './evidence-row.js';

/**
 * The hidden states of the last `rows` new tokens, each after `layers[i]` layers.
 *
 * The state after n layers is the residual stream that layer n takes as its input (layers count
 * from 0), before any norm. After 0 layers it is the embedding as layer 0 takes it, scaled where
 * the model scales it; after all layers it is what the final norm takes. A skipped layer passes on
 * what it was given, times its `layerScales`. These are the `hidden_states[n]` of Hugging Face's
 * transformers, but for the last one, which is there normalised.
 */
export interface HiddenRowsRequest {
  /**
   * At least 1, at most the new tokens of the forward (a prefill in chunks sees to it that the last
   * chunk has as many).
   */
  readonly rows: number;
  /** After how many layers, each from 0 to the decoder's `layers`. At least one. */
  readonly layers: readonly number[];
}

export type HiddenRowsEvidence = Evidence<
  'hidden.rows',
  { readonly [name: string]: HiddenRowsRequest },
  { readonly [name: string]: ReadonlyMap<number, Float32Array> }
>;

export const hiddenRows: EvidenceRow<HiddenRowsEvidence> = {
  capability: 'hidden.rows',
  noun: 'hidden states',
  schema: z.record(
    z.string(),
    z.strictObject({ rows: z.number(), layers: z.array(z.number()).readonly() }),
  ),
  isWanted: (want) => want !== undefined && Object.keys(want).length > 0,
  check(want, path, forward) {
    for (const [name, request] of Object.entries(want))
      checkRequest(request, `${path}.${name}`, forward);
  },
  inChunk: (want, { isLast }) => (isLast ? want : undefined),
  rowsOfLastChunk: (want) => Math.max(...Object.values(want).map(({ rows }) => rows)),
  pool: (_, next) => next,
};

function checkRequest(
  { rows, layers }: HiddenRowsRequest,
  path: string,
  forward: EvidenceForward,
): void {
  if (!Number.isInteger(rows) || rows < 1 || rows > forward.tokens)
    throw forward.refuse(
      `${path}.rows`,
      `${rows} is not a number of rows from 1 to ${forward.tokens}`,
    );
  if (layers.length === 0) throw forward.refuse(`${path}.layers`, 'must name at least one state');
  for (const count of layers)
    if (!Number.isInteger(count) || count < 0 || count > forward.layers)
      throw forward.refuse(
        `${path}.layers`,
        `${count} is not a number of layers from 0 to ${forward.layers}`,
      );
}
