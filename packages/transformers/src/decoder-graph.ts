import type { DecoderShape } from '@pliant/core';
import { UnsupportedModelError } from './errors.js';
import { isObject, type JsonObject } from './model-files.js';
import { isSession, type OrtSession } from './ort-session.js';

/** What a forward needs to know of a loaded model. */
export interface DecoderGraph {
  readonly id: string;
  readonly session: OrtSession;
  readonly shape: DecoderShape;
  /** Element type of keys and values. */
  readonly cacheType: string;
  /** Position of the first token: 1 in some model types of transformers.js v3 and later, else 0. */
  readonly firstPosition: number;
}

const plainInputs = new Set([
  'input_ids',
  'attention_mask',
  'position_ids',
  'use_cache_branch',
  'num_logits_to_keep',
]);
const cacheInput = /^past_key_values\.(\d+)\.(key|value)$/;

/**
 * Reads what is needed from a model of transformers.js: v2 has one `session`, v3 and later have `sessions.model`.
 * @throws UnsupportedModelError for anything but a decoder-only model with a cache of keys and values
 */
export function readDecoderGraph(model: object, id?: string): DecoderGraph {
  const fields = model as JsonObject;
  const session = isObject(fields.sessions) ? fields.sessions.model : fields.session;
  if (!isSession(session) || !isObject(fields.config))
    throw new UnsupportedModelError(
      'this is no decoder-only model of transformers.js: load it with AutoModelForCausalLM.from_pretrained and hand the model in (not a pipeline; of a pipeline, its `model`)',
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
  const heads = need('num_attention_heads', number('num_attention_heads', 'n_head', 'num_heads'));
  const hidden = need('hidden_size', number('hidden_size', 'n_embd', 'd_model'));
  const type = String(fields.config.model_type);
  return {
    id: id ?? type,
    session,
    shape: {
      layers: session.inputNames.filter((name) => name.endsWith('.key')).length,
      heads,
      kvHeads: dimension(firstKey, 1) ?? number('num_key_value_heads') ?? heads,
      headDim: dimension(firstKey, 3) ?? number('head_dim') ?? hidden / heads,
      hidden,
      vocabulary: need('vocab_size', dimension('logits', 2) ?? number('vocab_size')),
      maxPositions:
        number('max_position_embeddings', 'n_positions', 'max_seq_len') ?? Number.POSITIVE_INFINITY,
    },
    cacheType: session.inputMetadata?.find(({ name }) => name === firstKey)?.type ?? 'float32',
    // transformers.js v4, decoder_forward: positions of these are counted from 1.
    firstPosition: ['paligemma', 'gemma3_text', 'gemma3'].includes(type) ? 1 : 0,
  };
}

const firstKey = 'past_key_values.0.key';

function checkNames({ inputNames, outputNames }: OrtSession): void {
  const unknown = inputNames.filter((name) => !plainInputs.has(name) && !cacheInput.test(name));
  if (unknown.length > 0)
    throw new UnsupportedModelError(
      `the model has inputs that a plain decoder does not feed: ${unknown.slice(0, 5).join(', ')}. Use a decoder-only model whose cache is past_key_values.N.key and .value.`,
    );
  const missing = [
    ...['input_ids', firstKey].filter((name) => !inputNames.includes(name)),
    ...['logits', ...inputNames.filter((name) => cacheInput.test(name)).map(presentName)].filter(
      (name) => !outputNames.includes(name),
    ),
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
