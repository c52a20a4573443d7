import { z } from 'zod/v4';
import type { CacheView } from '../contract/cache.js';
import type { Capability } from '../contract/capability.js';
import type { DecoderShape, ForwardInput } from '../contract/decoder.js';
import { InvalidOptionsError, PromptError } from '../contract/errors.js';
import {
  checkEvidence,
  evidence,
  evidenceNames,
  evidenceWanted,
} from '../contract/evidence/evidence.js';
import { forwardInputNames, forwardInputs, inputsGiven } from '../contract/forward-inputs.js';
import { signalSchema } from './argument-schemas.js';
import { parseArguments } from './parse-options.js';

/** The checked input of a forward. */
export interface CheckedForward {
  readonly ids: Int32Array;
  /** [S] */
  readonly positions: Int32Array;
  /** [S], where the rotary embedding places them. */
  readonly rotaryPositions: Int32Array;
  /** [layers], 1 = run; absent: all run. */
  readonly gates?: Uint8Array;
  /** [layers], of the layers that are skipped; absent: all 1. */
  readonly scales?: Float32Array;
}

/** The ends of a cache's rows. */
export interface CachePositions extends Pick<CacheView, 'nextPosition' | 'nextRotaryPosition'> {
  /** The largest position of any row; -1 when there is none. */
  readonly lastPosition: number;
  /** The largest rotary position of any row; -1 when there is none. */
  readonly lastRotaryPosition: number;
}

type Refuse = (path: string, message: string) => InvalidOptionsError;

const evidenceSchemas = Object.fromEntries(
  evidenceNames.map((name) => [name, evidence[name].schema.optional()]),
);

const inputSchemas = Object.fromEntries(
  forwardInputNames.map((name) => [name, forwardInputs[name].schema.optional()]),
);

const inputSchema = z.strictObject({
  ids: z.instanceof(Int32Array, { error: 'must be an Int32Array with at least one token' }),
  ...inputSchemas,
  want: z
    .strictObject({
      logits: z.enum(['last', 'all', 'none']).optional(),
      stepwise: z.boolean().optional(),
      ...evidenceSchemas,
    })
    .optional(),
  signal: signalSchema.optional(),
});
const argumentsSchema = z.strictObject({ input: inputSchema });

/**
 * The capabilities that a forward uses beyond a plain one. For decoders, which ask it first: what
 * is not a forward's input is refused here.
 * @throws InvalidArgumentError
 */
export function capabilitiesUsed(input: ForwardInput): Capability[] {
  parseArguments('forward', argumentsSchema, { input });
  const { want = {} } = input;
  const used = new Set<Capability>(
    inputsGiven(input).map((name) => forwardInputs[name].capability),
  );
  if (want.logits === 'all') used.add('logits.all');
  if (want.stepwise) used.add('logits.stepwise');
  for (const name of evidenceWanted(want)) used.add(evidence[name].capability);
  return [...used];
}

/**
 * Checks a forward against the contract before anything is computed. For decoders.
 * @param where named in the error
 * @throws InvalidOptionsError for wrong shapes or values
 * @throws PromptError past the model's context
 */
export function checkForward(
  where: string,
  input: ForwardInput,
  shape: DecoderShape,
  cache: CachePositions,
): CheckedForward {
  const { ids, layers, layerScales, want = {} } = input;
  const refuse: Refuse = (path, message) => new InvalidOptionsError(where, [{ path, message }]);
  if (!(ids instanceof Int32Array) || ids.length === 0)
    throw refuse('ids', 'must be an Int32Array with at least one token');
  for (const id of ids)
    if (id < 0 || id >= shape.vocabulary)
      throw refuse('ids', `${id} is outside of the vocabulary (0 to ${shape.vocabulary - 1})`);
  const first = cache.nextPosition;
  const positions = input.positions ?? Int32Array.from(ids, (_, index) => first + index);
  const offset = cache.nextRotaryPosition - first;
  const last = Math.max(cache.lastPosition, cache.lastRotaryPosition - offset);
  checkPositions(positions, ids.length, shape, last, offset, refuse);
  if (layers) checkGates(layers, shape.layers, refuse);
  if (layerScales) checkScales(layerScales, layers, shape.layers, refuse);
  checkEvidence(want, { tokens: ids.length, layers: shape.layers, refuse });
  const rotaryPositions = offset === 0 ? positions : positions.map((at) => at + offset);
  return { ids, positions, rotaryPositions, gates: layers, scales: layerScales };
}

function checkPositions(
  positions: Int32Array,
  tokens: number,
  { maxPositions }: DecoderShape,
  lastPosition: number,
  rotaryOffset: number,
  refuse: Refuse,
): void {
  if (positions.length !== tokens)
    throw refuse('positions', `${positions.length} positions for ${tokens} tokens`);
  let before = lastPosition;
  for (const position of positions) {
    if (position <= before)
      throw refuse('positions', `${position} after ${before}: positions must ascend`);
    before = position;
  }
  const last = before + rotaryOffset;
  if (last >= maxPositions)
    throw new PromptError(
      `position ${last} is past the model's context of ${maxPositions} tokens; shorten the prompt, or read it by a pipeline with kvDrop({ betweenChunks: true, positions: 'renumber', ... }) of @pliant/kv-drop`,
    );
}

function checkGates(gates: Uint8Array, layers: number, refuse: Refuse): void {
  if (gates.length !== layers) throw refuse('layers', `${gates.length} gates for ${layers} layers`);
  if (gates.some((gate) => gate > 1)) throw refuse('layers', 'gates must be 0 or 1');
  if (gates[0] !== 1) throw refuse('layers', 'layer 0 cannot be skipped');
}

function checkScales(
  scales: Float32Array,
  gates: Uint8Array | undefined,
  layers: number,
  refuse: Refuse,
): void {
  if (!gates) throw refuse('layerScales', 'applies to skipped layers only; pass `layers` too');
  if (scales.length !== layers)
    throw refuse('layerScales', `${scales.length} scales for ${layers} layers`);
  if (!scales.every((scale) => scale > 0 && Number.isFinite(scale)))
    throw refuse('layerScales', 'must be numbers above 0');
}
