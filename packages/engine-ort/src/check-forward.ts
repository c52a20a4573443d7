import {
  type Capability,
  type DecoderShape,
  type ForwardInput,
  InvalidOptionsError,
  PromptError,
  type ScoresRequest,
} from '@pliant/core';
import { refuseHuge } from './allocate.js';
import type { KvCache } from './kv-cache.js';

/** What a forward will read, checked. */
export interface CheckedForward {
  readonly ids: Int32Array;
  /** [S] */
  readonly positions: Int32Array;
  /** [layers], 1 = run; absent: all run. */
  readonly gates?: Uint8Array;
}

const refuse = (path: string, message: string) =>
  new InvalidOptionsError('engine-ort, forward', [{ path, message }]);

/** The capabilities that this forward uses. */
export function usedBy({ positions, layers, want = {} }: ForwardInput): Capability[] {
  const used: Capability[] = [];
  if (positions) used.push('positions.explicit');
  if (layers) used.push('layers.skip');
  if (want.logits === 'all') used.push('logits.all');
  if (want.scores && Object.keys(want.scores).length > 0) used.push('scores');
  if (want.hiddenMeans) used.push('hidden.means');
  return used;
}

/**
 * @throws InvalidOptionsError for wrong shapes or values
 * @throws PromptError past the model's context
 * @throws OutOfMemoryError where attention over that many tokens at once would not fit into memory
 */
export function checkForward(
  input: ForwardInput,
  shape: DecoderShape,
  cache: KvCache,
): CheckedForward {
  const { ids, layers, want = {} } = input;
  if (!(ids instanceof Int32Array) || ids.length === 0)
    throw refuse('ids', 'must be an Int32Array with at least one token');
  for (const id of ids)
    if (id < 0 || id >= shape.vocabulary)
      throw refuse('ids', `${id} is outside of the vocabulary (0 to ${shape.vocabulary - 1})`);
  const positions = checkPositions(input, shape, cache);
  if (layers) checkGates(layers, shape.layers);
  for (const [name, request] of Object.entries(want.scores ?? {}))
    checkScores(`want.scores.${name}`, request, ids.length, shape.layers);
  checkMemory(input, shape, cache);
  return { ids, positions, gates: layers };
}

function checkPositions(
  { ids, positions: given }: ForwardInput,
  { maxPositions }: DecoderShape,
  cache: KvCache,
): Int32Array {
  const first = cache.nextPosition;
  const positions = given ?? Int32Array.from(ids, (_, index) => first + index);
  if (positions.length !== ids.length)
    throw refuse('positions', `${positions.length} positions for ${ids.length} tokens`);
  let before = cache.lastPosition;
  for (const position of positions) {
    if (position <= before)
      throw refuse('positions', `${position} after ${before}: positions must ascend`);
    before = position;
  }
  if (before >= maxPositions)
    throw new PromptError(
      `position ${before} is past the model's context of ${maxPositions} tokens; shorten the prompt, or put @pliant/prompt-compress in front`,
    );
  return positions;
}

function checkGates(gates: Uint8Array, layers: number): void {
  if (gates.length !== layers) throw refuse('layers', `${gates.length} gates for ${layers} layers`);
  if (gates.some((gate) => gate > 1)) throw refuse('layers', 'gates must be 0 or 1');
  if (gates[0] !== 1) throw refuse('layers', 'layer 0 cannot be skipped');
}

function checkScores(path: string, request: ScoresRequest, tokens: number, layers: number): void {
  const { rows, rowWeights } = request;
  if (!Number.isInteger(rows) || rows < 1 || rows > tokens)
    throw refuse(`${path}.rows`, `${rows} is not a number of rows from 1 to ${tokens}`);
  if (rowWeights && (rowWeights.length !== rows || !rowWeights.every(Number.isFinite)))
    throw refuse(`${path}.rowWeights`, `must hold ${rows} finite numbers`);
  for (const layer of request.layers ?? [])
    if (!Number.isInteger(layer) || layer < 0 || layer >= layers)
      throw refuse(`${path}.layers`, `${layer} is not a layer from 0 to ${layers - 1}`);
}

function checkMemory({ ids, want }: ForwardInput, shape: DecoderShape, cache: KvCache): void {
  const tokens = ids.length;
  if (tokens === 1) return;
  let rows = 0;
  for (let layer = 0; layer < shape.layers; layer++) rows = Math.max(rows, cache.rows(layer));
  const attention = shape.heads * tokens * (rows + tokens);
  const logits = want?.logits === 'all' ? tokens * shape.vocabulary : 0;
  refuseHuge(4 * (attention + logits), `A forward of ${tokens} tokens over ${rows} rows`);
}
