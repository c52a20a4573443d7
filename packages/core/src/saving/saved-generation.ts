import { z } from 'zod/v4';
import { requireCapability } from '../checks/require-capability.js';
import type { SavedCache, SavedLayer } from '../contract/cache.js';
import type { Decoder, DecoderShape, Sequence } from '../contract/decoder.js';
import { MissingCapabilityError, SavedGenerationError } from '../contract/errors.js';
import type { EncodedPrompt, Message } from '../contract/tokenizer.js';
import { resolveGenerateOptions } from '../turn/generate-options.js';
import type { Turn } from '../turn/turn.js';
import {
  readSafeTensors,
  type SafeTensors,
  type SavedTensor,
  writeSafeTensors,
} from './safetensors.js';

const format = 'pliant-generation';
const version = '1';

const count = z.int().min(0);
const integers = z.array(z.int()).transform((values) => Int32Array.from(values));
const keep = z.enum(['always', 'may-drop']);
const promptSchema = z.strictObject({
  ids: integers,
  text: z.string(),
  byteStart: integers,
  byteEnd: integers,
  spans: z.array(
    z.strictObject({
      from: count,
      to: count,
      role: z.string(),
      keep,
      message: z
        .strictObject({ index: count, textFrom: count, textTo: count, contentFrom: count })
        .optional(),
    }),
  ),
});
const message = z.strictObject({
  role: z.string(),
  content: z.string(),
  keep: keep.optional(),
  controlTokens: z.enum(['text', 'obey']).optional(),
  name: z.string().optional(),
  tool_calls: z.array(z.unknown()).optional(),
  tool_call_id: z.string().optional(),
});
const stateSchema = z.strictObject({
  messages: z.array(message).optional(),
  number: count,
  isPrefix: z.boolean(),
  position: count,
  promptEnd: z.int().min(1),
  original: promptSchema,
  kept: promptSchema,
  tokens: z.array(count),
  /** Tokens of the turns before, each once. */
  earlier: z.array(count),
  logWeights: z.array(z.number()),
  finishReason: z.enum(['stop', 'length', 'aborted', 'dead-end']).optional(),
  /** Checked where a turn begins. */
  options: z.record(z.string(), z.unknown()),
  nextPosition: count,
  nextRotaryPosition: count,
});

type Refuse = (message: string, cause?: unknown) => SavedGenerationError;
type SavedState = z.output<typeof stateSchema>;

export interface LoadedGeneration {
  readonly saved: SavedState;
  /** [vocabulary] */
  readonly promptLogits: Float32Array;
  readonly cache: SavedCache;
}

/** Writes a generation that is between steps. */
export async function saveGeneration(
  path: string,
  {
    decoder,
    sequence,
    turn,
    messages,
  }: {
    readonly decoder: Decoder;
    readonly sequence: Sequence;
    readonly turn: Turn;
    readonly messages: readonly Message[] | undefined;
  },
): Promise<void> {
  requireCapability(decoder, 'kv.read', 'save()');
  requireCapability(decoder, 'kv.write', 'save()');
  const { nextPosition, nextRotaryPosition, layers } = sequence.save!();
  const { number, isPrefix, position, original, earlier } = turn.given;
  const { kept, tokens, promptEnd, promptLogits, logWeights, finishReason } = turn.answer;
  const { signal: _, seed: __, ...options } = turn.given.options;
  const saved: z.input<typeof stateSchema> = {
    messages: messages?.map((message) => ({
      ...message,
      tool_calls: message.tool_calls && [...message.tool_calls],
    })),
    number,
    isPrefix,
    position,
    promptEnd,
    original: plainPrompt(original),
    kept: plainPrompt(kept),
    tokens: [...tokens],
    earlier: [...earlier],
    logWeights: [...logWeights],
    finishReason,
    options,
    nextPosition,
    nextRotaryPosition,
  };
  const { kvHeads, headDim } = decoder.shape;
  const tensors = new Map<string, SavedTensor>([
    ['promptLogits', { shape: [promptLogits.length], data: promptLogits }],
  ]);
  layers.forEach(({ rows, positions, rotaryPositions, keys, values }, layer) => {
    const at = `layers.${layer}`;
    tensors.set(`${at}.positions`, { shape: [kvHeads, rows], data: positions });
    tensors.set(`${at}.rotaryPositions`, { shape: [kvHeads, rows], data: rotaryPositions });
    tensors.set(`${at}.keys`, { shape: [kvHeads, rows, headDim], data: keys });
    tensors.set(`${at}.values`, { shape: [kvHeads, rows, headDim], data: values });
  });
  await writeSafeTensors(path, {
    tensors,
    metadata: {
      format,
      version,
      decoder: decoder.id,
      fingerprint: await fingerprintOf(decoder, 'save()'),
      state: JSON.stringify(saved),
    },
  });
}

/**
 * Reads what `saveGeneration` wrote, and checks it before anything is opened.
 * @throws SavedGenerationError, MissingCapabilityError
 */
export async function loadGeneration(path: string, decoder: Decoder): Promise<LoadedGeneration> {
  requireCapability(decoder, 'kv.write', 'load()');
  const refuse: Refuse = (message, cause) => new SavedGenerationError(path, message, { cause });
  const fingerprint = await fingerprintOf(decoder, 'load()');
  const { metadata, tensors } = await readSafeTensors(path, (texts) => {
    if (texts.format !== format) throw refuse('is not a saved generation');
    if (texts.version !== version)
      throw refuse(
        `has version '${texts.version}', and this one reads '${version}'; save it again`,
      );
    if (texts.fingerprint !== fingerprint)
      throw refuse(
        `was saved with decoder '${texts.decoder}'; '${decoder.id}' has other weights, so its keys and values mean something else`,
      );
  });
  const saved = parseState(metadata.state, refuse);
  checkTokens(saved, decoder.shape, refuse);
  const { vocabulary, layers, kvHeads, headDim } = decoder.shape;
  const read = tensorReader(tensors, refuse);
  return {
    saved,
    promptLogits: read.floats('promptLogits', [vocabulary]),
    cache: {
      nextPosition: saved.nextPosition,
      nextRotaryPosition: saved.nextRotaryPosition,
      layers: Array.from({ length: layers }, (_, layer): SavedLayer => {
        const at = `layers.${layer}`;
        const rows = tensors.get(`${at}.positions`)?.shape[1] ?? 0;
        return {
          rows,
          positions: read.integers(`${at}.positions`, [kvHeads, rows]),
          rotaryPositions: read.integers(`${at}.rotaryPositions`, [kvHeads, rows]),
          keys: read.floats(`${at}.keys`, [kvHeads, rows, headDim]),
          values: read.floats(`${at}.values`, [kvHeads, rows, headDim]),
        };
      }),
    },
  };
}

/** @throws MissingCapabilityError */
async function fingerprintOf(decoder: Decoder, user: string): Promise<string> {
  if (!decoder.fingerprint)
    throw new MissingCapabilityError(
      user,
      'kv.write',
      decoder.id,
      'It has no fingerprint of its weights, which a saved cache is bound to.',
    );
  return decoder.fingerprint();
}

function plainPrompt({ ids, text, byteStart, byteEnd, spans }: EncodedPrompt) {
  return {
    ids: [...ids],
    text,
    byteStart: [...byteStart],
    byteEnd: [...byteEnd],
    spans: [...spans],
  };
}

function parseState(text: string | undefined, refuse: Refuse): SavedState {
  try {
    const state = stateSchema.parse(JSON.parse(text ?? ''));
    resolveGenerateOptions(state.options);
    return state;
  } catch (cause) {
    throw refuse('holds a state that cannot be read', cause);
  }
}

/** By the decoder's vocabulary: a model may write tokens that its tokenizer has no text for. */
function checkTokens(saved: SavedState, { vocabulary }: DecoderShape, refuse: Refuse): void {
  const isToken = (id: number) => id >= 0 && id < vocabulary;
  for (const { ids, byteStart, byteEnd, spans } of [saved.original, saved.kept])
    if (
      ids.length === 0 ||
      !ids.every(isToken) ||
      byteStart.length !== ids.length ||
      byteEnd.length !== ids.length ||
      spans.some(({ from, to }) => from > to || to > ids.length)
    )
      throw refuse('has a prompt that does not fit its tokens');
  const { tokens, logWeights, promptEnd, nextPosition, position, kept } = saved;
  if (promptEnd !== position + kept.ids.length)
    throw refuse('has a prompt that does not end where it says');
  if (
    !tokens.every(isToken) ||
    !saved.earlier.every(isToken) ||
    logWeights.length !== tokens.length
  )
    throw refuse('has an answer that does not fit its tokens');
  // The last accepted token is not read yet, but after a dead end.
  const unread = promptEnd + tokens.length - nextPosition;
  if (unread !== 0 && !(unread === 1 && tokens.length > 0))
    throw refuse('has a cache that does not fit its tokens');
}

function tensorReader(tensors: SafeTensors['tensors'], refuse: Refuse) {
  const find = (name: string, shape: readonly number[]) => {
    const tensor = tensors.get(name);
    if (tensor?.shape.join() !== shape.join())
      throw refuse(`lacks the tensor '${name}' of [${shape.join(', ')}]: another model's shapes?`);
    return tensor.data;
  };
  return {
    floats(name: string, shape: readonly number[]): Float32Array {
      const data = find(name, shape);
      if (data instanceof Float32Array) return data;
      throw refuse(`stores '${name}' as I32 where F32 is expected`);
    },
    integers(name: string, shape: readonly number[]): Int32Array {
      const data = find(name, shape);
      if (data instanceof Int32Array) return data;
      throw refuse(`stores '${name}' as F32 where I32 is expected`);
    },
  };
}
