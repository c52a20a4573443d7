import { dirname } from 'node:path';
import {
  argmax,
  type Decoder,
  MissingCapabilityError,
  PromptError,
  type Sequence,
  StateError,
} from '@pliant/core';
import { allCapabilities } from '@pliant/core/engine';
import { fixturePath, readJson } from '@pliant/fixtures';
import { beforeAll, describe, expect, it } from 'vitest';
import { UnsupportedModelError } from './base/errors.js';
import type { PlainCapability } from './decoder/missing-capabilities.js';
import type { OrtSession, OrtTensor } from './decoder/ort-session.js';
import { fromTransformers } from './from-transformers.js';

process.env.ORT_DISABLE_TELEMETRY ??= '1';

async function greedy(sequence: Sequence, ids: Int32Array, count: number): Promise<number[]> {
  const tokens: number[] = [];
  let next = ids;
  while (tokens.length < count) {
    const { logits } = await sequence.forward({ ids: next });
    tokens.push(argmax(logits));
    next = Int32Array.of(tokens[tokens.length - 1]);
  }
  return tokens;
}

interface TinyGolden {
  prompts: { short: { ids: number[]; greedyTokens: number[]; prefillLastLogits: number[] } };
}

async function loadTiny(
  library: '@xenova/transformers' | '@huggingface/transformers',
  name: string,
): Promise<object> {
  const folder = dirname(fixturePath(`models/${name}`));
  if (library === '@xenova/transformers') {
    const { AutoModelForCausalLM, env } = await import('@xenova/transformers');
    env.localModelPath = folder;
    env.allowRemoteModels = false;
    return AutoModelForCausalLM.from_pretrained(name, {
      quantized: false,
      model_file_name: 'model',
    });
  }
  const { AutoModelForCausalLM, env } = await import('@huggingface/transformers');
  env.localModelPath = folder;
  env.allowRemoteModels = false;
  return AutoModelForCausalLM.from_pretrained(name, { dtype: 'fp32', device: 'cpu' });
}

describe.each([
  ['@xenova/transformers', 'tiny-llama'],
  ['@huggingface/transformers', 'tiny-llama'],
  ['@xenova/transformers', 'tiny-qwen2'],
  ['@huggingface/transformers', 'tiny-qwen3'],
  ['@huggingface/transformers', 'tiny-gemma3'],
] as const)('fromTransformers with %s on %s', (library, name) => {
  const golden = readJson<TinyGolden>(`models/${name}/golden.json`).prompts.short;
  const ids = Int32Array.from(golden.ids);
  let decoder: Decoder<'logits.all' | 'fork'>;
  beforeAll(async () => {
    decoder = fromTransformers(await loadTiny(library, name));
  });

  it('gives the reference logits and greedy tokens', async () => {
    const sequence = await decoder.open();
    const { logits } = await sequence.forward({ ids });
    for (const [i, value] of golden.prefillLastLogits.entries())
      expect(Math.abs(logits[i] - value)).toBeLessThan(1e-3);
    const first = argmax(logits);
    expect([first, ...(await greedy(sequence, Int32Array.of(first), 11))]).toEqual(
      golden.greedyTokens,
    );
  });

  it('gives the same in chunks and in a fork', async () => {
    const sequence = await decoder.open();
    await sequence.forward({ ids: ids.subarray(0, 9), want: { logits: 'none' } });
    const fork = await sequence.fork();
    await sequence.forward({ ids: Int32Array.of(1, 2, 3) });
    expect(await greedy(fork, ids.subarray(9), 12)).toEqual(golden.greedyTokens);
    expect(sequence.cache.nextPosition).toBe(12);
    expect(fork.cache.nextPosition).toBe(ids.length + 11);
  });

  it('gives the logits of every row', async () => {
    const rows = await (await decoder.open()).forward({ ids, want: { logits: 'all' } });
    const last = await (await decoder.open()).forward({ ids });
    const { vocabulary } = decoder.shape;
    expect(rows.logits).toHaveLength(ids.length * vocabulary);
    expect(rows.logits.subarray((ids.length - 1) * vocabulary)).toEqual(last.logits);
  });
});

/**
 * A session that counts: the logits point to the token after the last one, the cache grows by
 * zeros.
 */
class StubSession implements OrtSession {
  readonly outputNames = ['logits', 'present.0.key', 'present.0.value'];
  readonly feeds: Record<string, OrtTensor>[] = [];
  constructor(
    readonly inputNames: string[],
    readonly vocabulary = 8,
  ) {}

  async run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>> {
    this.feeds.push(feeds);
    const ids = feeds.input_ids.data;
    const logits = new Float32Array(ids.length * this.vocabulary);
    for (let row = 0; row < ids.length; row++)
      logits[row * this.vocabulary + ((Number(ids[row]) + 1) % this.vocabulary)] = 1;
    const [, heads, rows, size] = feeds['past_key_values.0.key'].dims;
    const dims = [1, heads, rows + ids.length, size];
    const present = { type: 'float32', dims, data: new Float32Array(dims.reduce((a, b) => a * b)) };
    return {
      logits: { type: 'float32', dims: [1, ids.length, this.vocabulary], data: logits },
      'present.0.key': present,
      'present.0.value': present,
    };
  }
}

const cacheNames = ['past_key_values.0.key', 'past_key_values.0.value'];

/** As v2 builds it: the model around a session, without files. */
async function stubModel(session: StubSession, config: object = {}): Promise<object> {
  const { GPT2LMHeadModel } = await import('@xenova/transformers');
  const sizes = {
    model_type: 'gpt2',
    n_head: 2,
    n_layer: 1,
    n_embd: 8,
    n_positions: 16,
    vocab_size: 8,
  };
  const model: object = Reflect.construct(GPT2LMHeadModel, [{ ...sizes, ...config }, session, {}]);
  return model;
}

describe('fromTransformers on a stub session', () => {
  it('feeds mask and positions that follow the cache', async () => {
    const session = new StubSession(['input_ids', 'attention_mask', 'position_ids', ...cacheNames]);
    const sequence = await fromTransformers(await stubModel(session)).open();
    await sequence.forward({ ids: Int32Array.of(1, 2, 3) });
    const { logits } = await sequence.forward({
      ids: Int32Array.of(4, 5),
      want: { logits: 'all' },
    });
    expect(session.feeds).toHaveLength(2);
    expect(session.feeds[0]['past_key_values.0.key'].dims).toEqual([1, 2, 0, 4]);
    expect(session.feeds[1].attention_mask.data).toEqual(BigInt64Array.of(1n, 1n, 1n, 1n, 1n));
    expect(session.feeds[1].position_ids.data).toEqual(BigInt64Array.of(3n, 4n));
    expect([argmax(logits.subarray(0, 8)), argmax(logits.subarray(8))]).toEqual([5, 6]);
  });

  it('feeds the cached branch of a merged export one token at a time', async () => {
    const session = new StubSession([
      'input_ids',
      'attention_mask',
      'use_cache_branch',
      ...cacheNames,
    ]);
    const sequence = await fromTransformers(await stubModel(session)).open();
    await sequence.forward({ ids: Int32Array.of(1, 2) });
    const { logits } = await sequence.forward({
      ids: Int32Array.of(3, 4),
      want: { logits: 'all' },
    });
    expect(session.feeds.map((feeds) => feeds.use_cache_branch.data[0])).toEqual([0, 1, 1]);
    expect(session.feeds.map((feeds) => feeds.input_ids.dims)).toEqual([
      [1, 2],
      [1, 1],
      [1, 1],
    ]);
    expect([argmax(logits.subarray(0, 8)), argmax(logits.subarray(8))]).toEqual([4, 5]);
  });

  it('takes the names of a configuration as they are, and sizes from the session', async () => {
    const config = {
      model_type: 'mpt',
      n_heads: 4,
      n_layers: 1,
      d_model: 16,
      max_seq_len: 32,
      vocab_size: 8,
    };
    const session = new StubSession(['input_ids', 'attention_mask', ...cacheNames]);
    const { shape } = fromTransformers({ session, config });
    expect(shape).toMatchObject({
      layers: 1,
      heads: 4,
      kvHeads: 4,
      headDim: 4,
      hidden: 16,
      maxPositions: 32,
    });
    const inputMetadata = [
      { name: cacheNames[0], type: 'float32', shape: ['batch', 3, 'past', 5] },
      { name: 'logits', shape: ['batch', 'rows', 8] },
    ];
    const described = Object.assign(new StubSession(['input_ids', ...cacheNames]), {
      inputMetadata,
    });
    const decoder = fromTransformers({ session: described, config: { model_type: 'own' } });
    expect(decoder.shape).toMatchObject({
      heads: 3,
      kvHeads: 3,
      headDim: 5,
      hidden: 15,
      vocabulary: 8,
    });
  });

  it('feeds a cache of keys beside values, and how many logits to keep', async () => {
    const name = 'past_key_values.0.key_value';
    const feeds: Record<string, OrtTensor>[] = [];
    const session: OrtSession = {
      inputNames: ['input_ids', 'logits_to_keep', name],
      outputNames: ['logits', 'present.0.key_value'],
      async run(given) {
        feeds.push(given);
        const count = given.input_ids.data.length;
        const dims = [1, given[name].dims[1] + count, 8];
        const data = new Float32Array(dims[1] * 8);
        return {
          logits: {
            type: 'float32',
            dims: [1, count, 8],
            data: new Float32Array(8 * count).fill(1),
          },
          'present.0.key_value': { type: 'float32', dims, data },
        };
      },
    };
    const config = {
      model_type: 'gpt_bigcode',
      n_head: 4,
      n_layer: 1,
      n_embd: 16,
      n_positions: 32,
      vocab_size: 8,
    };
    const decoder = fromTransformers({ session, config });
    expect(decoder.shape).toMatchObject({
      layers: 1,
      heads: 4,
      kvHeads: 1,
      headDim: 4,
      hidden: 16,
    });
    const sequence = await decoder.open();
    await sequence.forward({ ids: Int32Array.of(1, 2, 3) });
    await sequence.forward({ ids: Int32Array.of(4), want: { logits: 'all' } });
    expect(feeds.map((given) => given[name].dims)).toEqual([
      [1, 0, 8],
      [1, 3, 8],
    ]);
    expect(feeds.map((given) => given.logits_to_keep.data[0])).toEqual([1n, 0n]);
    expect(sequence.cache.bytes).toBe(4 * 8 * 4);
  });

  it('reads 16-bit logits', async () => {
    const session = new StubSession(['input_ids', ...cacheNames], 6);
    const run = session.run.bind(session);
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x7c00, 0x0001, 0x3555, 0x8000);
    session.run = async (feeds) => ({
      ...(await run(feeds)),
      logits: { type: 'float16', dims: [1, 1, 6], data: halves },
    });
    const sequence = await fromTransformers(await stubModel(session, { vocab_size: 6 })).open();
    const { logits } = await sequence.forward({ ids: Int32Array.of(0) });
    expect([...logits]).toEqual([1, -2, Number.POSITIVE_INFINITY, 2 ** -24, 0.333251953125, -0]);
  });

  it('refuses what it cannot do, with the way out, and leaves the cache as it was', async () => {
    const session = new StubSession(['input_ids', ...cacheNames]);
    const decoder = fromTransformers(await stubModel(session), { id: 'stub' });
    const sequence = await decoder.open();
    await sequence.forward({ ids: Int32Array.of(1) });
    const ids = Int32Array.of(2);
    const refused = [
      sequence.forward({ ids, positions: Int32Array.of(7) }),
      sequence.forward({ ids, layers: Uint8Array.of(0) }),
      sequence.forward({ ids, layerScales: Float32Array.of(2) }),
      sequence.forward({ ids, want: { stepwise: true } }),
      sequence.forward({ ids, want: { hiddenMeans: true } }),
      sequence.forward({ ids, want: { blockInfluences: true } }),
      sequence.forward({ ids, want: { hiddenRows: { a: { rows: 1, layers: [0] } } } }),
      sequence.fork({ keep: () => new Uint32Array() }),
      sequence.forward({
        ids,
        want: { scores: { a: { rows: 1, reduceRows: 'max', reduceHeads: 'max' } } },
      }),
    ];
    for (const forward of refused) {
      await expect(forward).rejects.toThrow(MissingCapabilityError);
      await expect(forward).rejects.toThrow(/engine-ort/);
    }
    expect(() => sequence.edit({ truncate: 0 })).toThrow(MissingCapabilityError);
    expect(() => sequence.cache.keys(0)).toThrow(MissingCapabilityError);
    for (const wrong of [Int32Array.of(), Int32Array.of(8), Int32Array.of(-1), new Int32Array(16)])
      await expect(sequence.forward({ ids: wrong })).rejects.toThrow(PromptError);
    for (const capability of allCapabilities)
      expect(decoder.missing?.[capability] === undefined).toBe(
        decoder.capabilities.has(capability as PlainCapability),
      );
    expect(sequence.cache.nextPosition).toBe(1);
    expect(sequence.cache.nextRotaryPosition).toBe(1);
    expect(session.feeds).toHaveLength(1);
  });

  it('keeps the cache when a forward fails or is aborted, and can go on', async () => {
    const session = new StubSession(['input_ids', ...cacheNames]);
    const sequence = await fromTransformers(await stubModel(session)).open();
    await sequence.forward({ ids: Int32Array.of(1, 2) });
    const run = session.run.bind(session);
    const abort = new AbortController();
    session.run = async () => {
      throw new Error('out of memory');
    };
    await expect(sequence.forward({ ids: Int32Array.of(3) })).rejects.toThrow('out of memory');
    session.run = async (feeds) => {
      abort.abort(new Error('enough'));
      return run(feeds);
    };
    await expect(sequence.forward({ ids: Int32Array.of(3), signal: abort.signal })).rejects.toThrow(
      'enough',
    );
    expect(sequence.cache.nextPosition).toBe(2);
    session.run = run;
    expect(argmax((await sequence.forward({ ids: Int32Array.of(3) })).logits)).toBe(4);
  });

  it('runs one forward at a time', async () => {
    const session = new StubSession(['input_ids', ...cacheNames]);
    const run = session.run.bind(session);
    let running = 0;
    session.run = async (feeds) => {
      expect(++running).toBe(1);
      await new Promise((done) => setTimeout(done, 1));
      running--;
      return run(feeds);
    };
    const decoder = fromTransformers(await stubModel(session));
    const sequences = await Promise.all([1, 2, 3].map(() => decoder.open()));
    const outputs = await Promise.all(
      sequences.map((s, i) => s.forward({ ids: Int32Array.of(i) })),
    );
    expect(outputs.map(({ logits }) => argmax(logits))).toEqual([1, 2, 3]);
  });

  it('refuses use after close', async () => {
    const decoder = fromTransformers(
      await stubModel(new StubSession(['input_ids', ...cacheNames])),
    );
    const sequence = await decoder.open();
    const other = await decoder.open();
    sequence.close();
    sequence.close();
    await expect(sequence.forward({ ids: Int32Array.of(1) })).rejects.toThrow(StateError);
    await decoder.close();
    await expect(other.forward({ ids: Int32Array.of(1) })).rejects.toThrow(StateError);
    await expect(decoder.open()).rejects.toThrow(StateError);
  });

  it.each([
    ['a pipeline', { model: {} }, /decoder-only/],
    ['nothing', undefined as never, /decoder-only/],
    ['a promise', Promise.resolve({}), /await it/],
    ['an encoder-decoder', { sessions: { decoder_model_merged: {} }, config: {} }, /decoder-only/],
    [
      'another cache',
      { session: new StubSession(['input_ids', 'past_conv.0']), config: {} },
      /past_conv\.0/,
    ],
    [
      'no cache',
      { session: new StubSession(['input_ids']), config: {} },
      /past_key_values\.0\.key/,
    ],
    [
      'no sizes',
      { session: new StubSession(['input_ids', ...cacheNames]), config: {} },
      /num_attention_heads/,
    ],
  ])('refuses %s', (_, model, message) => {
    expect(() => fromTransformers(model)).toThrow(UnsupportedModelError);
    expect(() => fromTransformers(model)).toThrow(message);
  });

  it('refuses a cache elsewhere than on the CPU, another layout, and another vocabulary', async () => {
    const changed = async (
      change: (outputs: Record<string, OrtTensor>) => Record<string, OrtTensor>,
    ) => {
      const session = new StubSession(['input_ids', ...cacheNames]);
      const run = session.run.bind(session);
      session.run = async (feeds) => change(await run(feeds));
      const sequence = await fromTransformers(await stubModel(session)).open();
      return sequence.forward({ ids: Int32Array.of(1) });
    };
    const key = 'present.0.key';
    await expect(
      changed((o) => ({ ...o, [key]: { ...o[key], location: 'gpu-buffer' } })),
    ).rejects.toThrow(/device: 'cpu'/);
    await expect(changed((o) => ({ ...o, [key]: { ...o[key], dims: [2, 4, 1] } }))).rejects.toThrow(
      /cache layout/,
    );
    await expect(
      changed((o) => ({ ...o, logits: { ...o.logits, dims: [1, 1, 4] } })),
    ).rejects.toThrow(/vocab_size/);
  });
});
