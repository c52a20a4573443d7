import { dirname } from 'node:path';
import type * as Library from '@huggingface/transformers';
import {
  type Capability,
  type Decoder,
  type Middleware,
  MissingCapabilityError,
  pipeline,
} from '@pliant/core';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainCapability } from './decoder/missing-capabilities.js';
import { fromTransformers } from './from-transformers.js';
import { openTokenizer, type TransformersTokenizer } from './open-tokenizer.js';

process.env.ORT_DISABLE_TELEMETRY ??= '1';

const messages = [
  { role: 'user', content: 'Give me three tips for growing tomatoes on a balcony.' },
];

describe('a pipeline over the embedded model as @huggingface/transformers loads it', () => {
  let library: typeof Library;
  let model: Library.PreTrainedModel;
  let tokenizer: TransformersTokenizer;
  let decoder: Decoder<PlainCapability>;
  beforeAll(async () => {
    library = await import('@huggingface/transformers');
    library.env.localModelPath = dirname(smollm2.folder);
    library.env.allowRemoteModels = false;
    model = await library.AutoModelForCausalLM.from_pretrained('files', {
      dtype: 'q8',
      device: 'cpu',
    });
    tokenizer = await openTokenizer(smollm2, { library });
    decoder = fromTransformers(model, { id: 'smollm2', tokenizer });
  });
  afterAll(() => model.dispose());

  it('has the sizes of the model', () => {
    expect(decoder.shape).toEqual({
      layers: 30,
      heads: 9,
      kvHeads: 3,
      headDim: 64,
      hidden: 576,
      vocabulary: 49_152,
      maxPositions: 8_192,
    });
    expect(decoder.vocabularyFingerprint).toBe(tokenizer.fingerprint);
  });

  it("generates what the library's own generate does, token for token", async () => {
    const maxNewTokens = 12;
    const ids = tokenizer.encode(tokenizer.renderChat(messages));
    const generated = await model.generate({
      inputs: new library.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      max_new_tokens: maxNewTokens,
      do_sample: false,
    });
    if (!(generated instanceof library.Tensor)) throw new TypeError('generate returned no tensor');
    const expected = Array.from(generated.data, Number).slice(ids.length);
    const stack = pipeline(decoder, { tokenizer });
    const result = await stack.generate({ messages }, { maxNewTokens });
    expect(result.tokens).toEqual(expected);
    const chunked = pipeline(decoder, { tokenizer, chunkSize: 7 });
    expect((await chunked.generate({ messages }, { maxNewTokens })).text).toBe(result.text);
  });

  it('samples with a seed and ends at a stop string', async () => {
    const stack = pipeline(decoder, { tokenizer });
    const sampled = { maxNewTokens: 6, temperature: 1, topP: 0.95, seed: 4 };
    const [a, b] = [
      await stack.generate({ messages }, sampled),
      await stack.generate({ messages }, sampled),
    ];
    expect(a.tokens).toEqual(b.tokens);
    const plain = await stack.generate({ messages }, { maxNewTokens: 8 });
    const stop = plain.text.slice(6, 9);
    const stopped = await stack.generate({ messages }, { maxNewTokens: 8, stop: [stop] });
    expect(stopped.text).toBe(plain.text.slice(0, plain.text.indexOf(stop)));
  });

  it('obeys a constraint', async () => {
    const digits: Middleware<'digits'> = {
      specificationVersion: 'v1',
      name: 'digits',
      requires: [],
      create: ({ tokenizer }) => {
        const ids = Array.from({ length: tokenizer.vocabularySize }, (_, id) => id);
        const others = ids.filter((id) => !/^[0-9]+$/.test(tokenizer.decode([id])));
        return {
          adjust(logits) {
            for (const id of others) logits[id] = Number.NEGATIVE_INFINITY;
          },
        };
      },
    };
    const stack = pipeline(decoder, { tokenizer }).use(digits);
    expect((await stack.generate({ messages }, { maxNewTokens: 4 })).text).toMatch(/^[0-9]{4}$/);
  });

  it('refuses a middleware that edits the cache, with the way out', () => {
    const cutter: Middleware<'cutter', 'kv.edit'> = {
      specificationVersion: 'v1',
      name: 'cutter',
      requires: ['kv.edit'],
      create: () => ({}),
    };
    const untyped: Decoder<Capability> = decoder;
    expect(() => pipeline(untyped, { tokenizer }).use(cutter)).toThrow(MissingCapabilityError);
    expect(() => pipeline(untyped, { tokenizer }).use(cutter)).toThrow(/@pliant\/engine-ort/);
    // @ts-expect-error the type of the decoder says already that it lacks kv.edit
    expect(() => pipeline(decoder, { tokenizer }).use(cutter)).toThrow(MissingCapabilityError);
  });
});
