import type { DecoderShape } from '@pliant/core';
import { UnsupportedModelError } from '../base/errors.js';
import { isObject, type JsonObject } from '../library/model-files.js';
import { isSession, type OrtSession } from './ort-session.js';

/** The properties of a loaded model that a forward needs. */
export interface DecoderGraph {
  readonly id: string;
  readonly session: OrtSession;
  readonly shape: DecoderShape;
  readonly caches: readonly CacheInput[];
  /** Element type of keys and values. */
  readonly cacheType: string;
  /** Position of the first token: 1 in some model types of transformers.js v3 and later, else 0. */
  readonly firstPosition: number;
}

/** An input with the keys, values or both of a layer. */
export interface CacheInput {
  readonly name: string;
  /** Without rows. */
  readonly dims: readonly number[];
  /** Dimension that counts the rows. */
  readonly rowsAxis: number;
}

const plainInputs = new Set([
  'input_ids',
  'attention_mask',
  'position_ids',
  'use_cache_branch',
  'num_logits_to_keep',
  'logits_to_keep',
]);
const cacheInput = /^past_key_values\.(\d+)\.(key|value|key_value)$/;
const isFused = (name: string) => name.endsWith('.key_value');

/**
 * Reads what is needed from a model of transformers.js: v2 has one `session`, v3 and later have
 * `sessions.model`.
 * @throws UnsupportedModelError for anything but a decoder-only model with a cache of keys and
 * values
 */
export function readDecoderGraph(model: object, id?: string): DecoderGraph {
  if (model instanceof Promise)
    throw new UnsupportedModelError('the model is a promise; await it: from_pretrained gives one');
  const fields = (model ?? {}) as JsonObject;
  const session = isObject(fields.sessions) ? fields.sessions.model : fields.session;
  if (!isSession(session) || !isObject(fields.config))
    throw new UnsupportedModelError(
      'this is not a decoder-only model of transformers.js: load it with AutoModelForCausalLM.from_pretrained and hand the model in (not a pipeline; of a pipeline, its `model`)',
    );
  checkNames(session);
  const config = isObject(fields.config.text_config) ? fields.config.text_config : fields.config;
  const number = (...names: string[]) =>
    names.map((name) => config[name]).find((value) => typeof value === 'number');
  const dimension = (name: string, axis: number) => {
    const { shape } = [...(session.inputMetadata ?? []), ...(session.outputMetadata ?? [])].find(
      (value) => value.name === name,
    ) ?? { shape: undefined };
    const size = shape?.[axis];
    return typeof size === 'number' && size > 0 ? size : undefined;
  };
  const first = session.inputNames.find((name) => cacheInput.test(name))!;
  // [1, heads, rows, size], or for keys beside values of one head [1, rows, 2 * size].
  const fused = isFused(first);
  const cachedHeads = fused ? undefined : dimension(first, 1);
  const cachedSize = fused ? half(dimension(first, 2)) : dimension(first, 3);
  const heads = need(
    'num_attention_heads',
    number('num_attention_heads', 'n_head', 'num_heads', 'n_heads') ?? cachedHeads,
  );
  const named = number('hidden_size', 'n_embd', 'd_model', 'dim');
  const headDim = need(
    'hidden_size',
    cachedSize ?? number('head_dim') ?? (named === undefined ? undefined : named / heads),
  );
  const kvHeads = fused ? 1 : (cachedHeads ?? number('num_key_value_heads') ?? heads);
  const type = String(fields.config.model_type);
  const caches = session.inputNames
    .filter((name) => cacheInput.test(name))
    .map((name) =>
      isFused(name)
        ? { name, dims: [1, 0, 2 * headDim], rowsAxis: 1 }
        : { name, dims: [1, kvHeads, 0, headDim], rowsAxis: 2 },
    );
  return {
    id: id ?? type,
    session,
    caches,
    shape: {
      layers: caches.filter(({ name }) => !name.endsWith('.value')).length,
      heads,
      kvHeads,
      headDim,
      hidden: named ?? heads * headDim,
      vocabulary: need('vocab_size', dimension('logits', 2) ?? number('vocab_size')),
      maxPositions:
        number('max_position_embeddings', 'n_positions', 'max_seq_len', 'n_ctx') ??
        Number.POSITIVE_INFINITY,
    },
    cacheType: session.inputMetadata?.find(({ name }) => name === first)?.type ?? 'float32',
    // transformers.js v4, decoder_forward: positions of these are counted from 1.
    firstPosition: ['paligemma', 'gemma3_text', 'gemma3'].includes(type) ? 1 : 0,
  };
}

function half(size: number | undefined): number | undefined {
  return size === undefined ? undefined : size / 2;
}

function checkNames({ inputNames, outputNames }: OrtSession): void {
  const unknown = inputNames.filter((name) => !plainInputs.has(name) && !cacheInput.test(name));
  if (unknown.length > 0)
    throw new UnsupportedModelError(
      `the model has inputs that a plain decoder does not feed: ${unknown.slice(0, 5).join(', ')}. Use a decoder-only model whose cache is past_key_values.N.key and .value, or .key_value.`,
    );
  const caches = inputNames.filter((name) => cacheInput.test(name));
  const missing = [
    ...(inputNames.includes('input_ids') ? [] : ['input_ids']),
    ...(caches.length > 0 ? [] : ['past_key_values.0.key']),
    ...['logits', ...caches.map(presentName)].filter((name) => !outputNames.includes(name)),
  ];
  if (missing.length > 0)
    throw new UnsupportedModelError(
      `the model lacks ${missing.slice(0, 5).join(', ')}: export it with a key-value cache (text-generation-with-past)`,
    );
}

/** Output that holds what the input `past` is fed in the next forward. */
export function presentName(past: string): string {
  return past.replace('past_key_values', 'present');
}

function need(name: string, value: number | undefined): number {
  if (value === undefined)
    throw new UnsupportedModelError(`the model's config has no ${name}; complete its config.json`);
  return value;
}
