import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Generation, pipeline, SavedGenerationError } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import { openDecoder } from '@pliant/engine-ort';
import { fixturePath } from '@pliant/fixtures';
import {
  chunked,
  expectedAttention,
  h2o,
  kvDrop,
  protectRows,
  snapKV,
  specKV,
  streamingLLM,
} from '@pliant/kv-drop';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedDecoder, openEmbedded, trackSequences } from './open-embedded.js';
import { alice, longChat } from './prompts.js';

const bytesPerRow = 30 * 2 * 3 * 64 * 4;
/** About 600 tokens. */
const prompt = longChat(2200);
const [budget, every, chunkSize] = [128, 16, 128];

let decoder: EmbeddedDecoder;
let tokenizer: Awaited<ReturnType<typeof openEmbedded>>['tokenizer'];
let open: ReadonlySet<unknown>;
let folder: string;
beforeAll(async () => {
  ({ decoder, tokenizer } = await openEmbedded());
  open = trackSequences(decoder);
  folder = mkdtempSync(join(tmpdir(), 'pliant-end-to-end-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await decoder.close();
});

async function finish(generation: Generation): Promise<string> {
  while (!generation.done) await generation.step();
  const { text } = generation;
  await generation.close();
  return text;
}

describe('dropping between chunks and while decoding', () => {
  const policies = {
    'specKV, writing on a reduced copy': specKV({ lookahead: 8, lookaheadBudget: 96 }),
    'snapKV in chunks, the template protected': protectRows(chunked(snapKV({ window: 16 }))),
    h2o: h2o(),
  };

  it.each(Object.entries(policies))('stays within its bound with %s', async (_, policy) => {
    const stack = pipeline(decoder, { tokenizer, chunkSize }).use(
      kvDrop({ policy, budget, every, betweenChunks: true, positions: 'renumber' }),
    );
    const generation = await stack.start(prompt, { maxNewTokens: 60 });
    const { metrics } = generation.result();
    expect(metrics.kvBytesAfterPrefill).toBe((budget + every) * bytesPerRow);
    // With a reduced copy: that, and what is written on it.
    const copy = policy === policies['specKV, writing on a reduced copy'] ? 96 + 8 : 0;
    expect(metrics.kvBytesPeak).toBeLessThanOrEqual((budget + chunkSize + copy) * bytesPerRow);
    const text = await finish(generation);
    expect(text.length).toBeGreaterThan(20);
    const { kvBytesPeak, middlewares, decodeTokens } = generation.result().metrics;
    expect(kvBytesPeak).toBe(metrics.kvBytesPeak);
    expect(decodeTokens).toBeGreaterThan(every);
    expect(middlewares['kv-drop'].decodeCuts).toBe(Math.floor(decodeTokens / every));
    expect(open.size).toBe(0);
  });

  it('is the plain run, token for token, where everything fits', async () => {
    const options = { maxNewTokens: 24 };
    const plain = pipeline(decoder, { tokenizer, chunkSize });
    const expected = await plain.generate(prompt, options);
    const bounded = plain.use(
      kvDrop({
        policy: snapKV(),
        budget: 1000,
        every,
        betweenChunks: true,
        positions: 'renumber',
      }),
    );
    expect((await bounded.generate(prompt, options)).tokens).toEqual(expected.tokens);
  });
});

describe('a document', () => {
  it('is compressed once, saved, and asked by forks, in this process or another', async () => {
    const start = alice.indexOf('Alice was beginning to get very tired');
    const document = `${alice.slice(start, start + 2200)}`;
    const drop = kvDrop({ policy: expectedAttention(), budget: 256 });
    const stack = pipeline(decoder, { tokenizer }).use(drop);
    const read = await stack.read(
      { messages: [{ role: 'system', content: document }] },
      { maxNewTokens: 16 },
    );
    const file = join(folder, 'document.safetensors');
    await read.save(file);

    const other = await openEmbedded();
    const loaded = await pipeline(other.decoder, { tokenizer }).use(drop).load(file);
    for (const content of ['Who was with Alice on the bank?', 'What did the Rabbit wear?']) {
      const answers: string[] = [];
      for (const generation of [read, loaded]) {
        const answer = await generation.fork({ seed: 0 });
        await answer.append([{ role: 'user', content }]);
        const { promptTokens } = answer.result().metrics;
        expect(promptTokens).toBeLessThan(40);
        answers.push(await finish(answer));
      }
      expect(answers[0].length).toBeGreaterThan(0);
      expect(answers[1]).toBe(answers[0]);
    }
    await read.close();
    await loaded.close();
    await other.decoder.close();
    const draft = decoder.draft({ layers: 10 });
    await expect(pipeline(draft, { tokenizer }).load(file)).rejects.toThrow(SavedGenerationError);
    expect(open.size).toBe(0);
  });
});

describe('a text longer than the context', () => {
  it('is read and gone on with, on a model whose context is 512', async () => {
    const inner = mockTokenizer();
    const tiny = {
      ...inner,
      vocabularySize: 512,
      endOfText: new Set<number>(),
      special: new Set<number>(),
      bytes: (id: number) => Uint8Array.of(97 + (id % 26)),
    };
    const small = await openDecoder(fixturePath('models/tiny-llama'), { threads: 1 });
    const ids = Int32Array.from({ length: 1500 }, (_, i) => 3 + ((i * 7919) % 500));
    const options = { policy: streamingLLM(), budget: 64, every: 32, betweenChunks: true } as const;
    const stack = pipeline(small, { tokenizer: tiny, chunkSize: 128 });
    await expect(stack.use(kvDrop(options)).generate({ ids })).rejects.toThrow('context');
    const { tokens, metrics } = await stack
      .use(kvDrop({ ...options, positions: 'renumber' }))
      .generate({ ids }, { maxNewTokens: 700 });
    expect(tokens).toHaveLength(700);
    const { layers, kvHeads, headDim } = small.shape;
    expect(metrics.kvBytesPeak).toBe((64 + 128) * layers * kvHeads * headDim * 8);
    await small.close();
  });
});
