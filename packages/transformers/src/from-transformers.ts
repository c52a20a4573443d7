import { type Decoder, parseOptions, StateError, type Tokenizer } from '@pliant/core';
import { z } from 'zod/v4';
import { readDecoderGraph } from './decoder/decoder-graph.js';
import { missing, type PlainCapability } from './decoder/missing-capabilities.js';
import { emptyTensor, type OrtTensor } from './decoder/ort-session.js';
import { PlainSequence, type TakeTurn } from './decoder/plain-sequence.js';

export interface FromTransformersOptions {
  /** Name in results and errors. Default: the `model_type` of the model's config. */
  readonly id?: string;
  /** The model's tokenizer: a stack can then tell that a draft has the same vocabulary. */
  readonly tokenizer?: Pick<Tokenizer, 'fingerprint'>;
}

const optionsSchema = z.strictObject({
  id: z.string().min(1).optional(),
  tokenizer: z
    .custom<Pick<Tokenizer, 'fingerprint'>>(
      (value) => typeof (value as Partial<Tokenizer> | null)?.fingerprint === 'string',
      'must be a tokenizer with a fingerprint',
    )
    .optional(),
});

/**
 * A decoder over a model that transformers.js has loaded, on the model's own session. Sampling,
 * stop strings and constraints work on it; what edits the cache, skips layers or reads attention is
 * refused (`missing` has the reasons).
 *
 * One forward runs at a time, and an abort takes effect between forwards. The model stays the
 * caller's: `close()` refuses further use here, and `model.dispose()` frees it.
 * @param model from `AutoModelForCausalLM.from_pretrained` of `@xenova/transformers` or
 * `@huggingface/transformers`, on the CPU
 * @throws UnsupportedModelError for anything but a decoder-only model with a key-value cache;
 * InvalidOptionsError
 */
export function fromTransformers(
  model: object,
  options: FromTransformersOptions = {},
): Decoder<PlainCapability> {
  const { id, tokenizer } = parseOptions('fromTransformers', optionsSchema, options);
  const graph = readDecoderGraph(model, id);
  const { caches, shape, cacheType } = graph;
  const empty: Record<string, OrtTensor> = {};
  for (const { name, dims } of caches) empty[name] = emptyTensor(cacheType, dims);

  let last: Promise<unknown> = Promise.resolve();
  const takeTurn: TakeTurn = (call) => {
    const turn = last.then(() => {
      checkOpen();
      return call();
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  let closed = false;
  const checkOpen = () => {
    if (closed) throw new StateError(`the decoder '${graph.id}' was used after close`);
  };

  return {
    id: graph.id,
    capabilities: new Set<PlainCapability>(['logits.all', 'fork']),
    missing,
    shape,
    vocabularyFingerprint: tokenizer?.fingerprint,
    async open() {
      checkOpen();
      return new PlainSequence(graph, empty, takeTurn);
    },
    async close() {
      closed = true;
      await last;
    },
    [Symbol.asyncDispose]() {
      return this.close();
    },
  };
}
