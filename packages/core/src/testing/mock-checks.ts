import type { Capability } from '../capability.js';
import type { DecoderShape, ForwardInput, ScoresRequest } from '../decoder.js';
import { InvalidOptionsError, MissingCapabilityError, PromptError } from '../errors.js';
import type { MockCache } from './mock-cache.js';

/** What a forward will read, checked. */
export interface CheckedForward {
  readonly ids: Int32Array;
  /** [S] */
  readonly positions: Int32Array;
}

const refuse = (path: string, message: string) =>
  new InvalidOptionsError('mock decoder, forward', [{ path, message }]);

export function refuseMissing(
  has: ReadonlySet<Capability>,
  capability: Capability,
  user: string,
): void {
  if (!has.has(capability))
    throw new MissingCapabilityError(
      user,
      capability,
      'mock',
      `Make the mock decoder with '${capability}' among its capabilities.`,
    );
}

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
 */
export function checkForward(
  input: ForwardInput,
  shape: DecoderShape,
  cache: MockCache,
): CheckedForward {
  const { ids, layers, want = {} } = input;
  if (!(ids instanceof Int32Array) || ids.length === 0)
    throw refuse('ids', 'must be an Int32Array with at least one token');
  for (const id of ids)
    if (id < 0 || id >= shape.vocabulary)
      throw refuse('ids', `${id} is outside of the vocabulary (0 to ${shape.vocabulary - 1})`);
  const positions =
    input.positions ?? Int32Array.from(ids, (_, index) => cache.nextPosition + index);
  checkPositions(positions, ids.length, shape, cache);
  if (layers) checkGates(layers, shape.layers);
  for (const [name, request] of Object.entries(want.scores ?? {}))
    checkScores(`want.scores.${name}`, request, ids.length, shape.layers);
  return { ids, positions };
}

function checkPositions(
  positions: Int32Array,
  tokens: number,
  shape: DecoderShape,
  cache: MockCache,
): void {
  if (positions.length !== tokens)
    throw refuse('positions', `${positions.length} positions for ${tokens} tokens`);
  let before = cache.lastPosition;
  for (const position of positions) {
    if (position <= before)
      throw refuse('positions', `${position} after ${before}: positions must ascend`);
    before = position;
  }
  if (before >= shape.maxPositions)
    throw new PromptError(
      `position ${before} is past the context of the mock decoder (${shape.maxPositions}); shorten the prompt or raise maxPositions`,
    );
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
