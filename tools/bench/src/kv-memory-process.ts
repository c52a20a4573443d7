import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Middleware, pipeline } from '@pliant/core';
import { type ForwardCall, mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { openDecoder } from '@pliant/engine-ort';
import { kvDrop, snapKV } from '@pliant/kv-drop';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openEndlessTokenizer, readPrompt, threads } from './setup.js';

/** Resident set in bytes, once what was freed has gone back to the system. */
async function resident(): Promise<number> {
  await sleep(300);
  return process.memoryUsage.rss();
}

const decoder = await openDecoder(smollm2, { threads });
const tokenizer = await openEndlessTokenizer();
const plain = pipeline(decoder, { tokenizer });

/** Calls `see` with the bytes of the cache after each step. */
function watchBytes(see: (bytes: number) => void): Middleware<'watch-bytes'> {
  return {
    specificationVersion: 'v1',
    name: 'watch-bytes',
    requires: [],
    create: () => ({
      editCache(view, _last, { phase }) {
        if (phase === 'decode') see(view.bytes);
        return undefined;
      },
    }),
  };
}

/**
 * 4,096 tokens read whole, then 256 rows kept: the cache before and after, and the resident set.
 */
async function afterPrompt() {
  const ids = await readPrompt(4096);
  const dropping = plain.use(kvDrop({ policy: snapKV(), budget: 256 }));
  // Once before, so that sessions and what the runtime keeps for itself are there in both.
  for (const stack of [plain, dropping]) await (await stack.start({ ids })).close();
  const whole = await plain.start({ ids }, { maxNewTokens: 64 });
  const before = {
    kvBytes: whole.result().metrics.kvBytesAfterPrefill,
    resident: await resident(),
  };
  await whole.close();
  const reduced = await dropping.start({ ids }, { maxNewTokens: 64 });
  const after = {
    kvBytes: reduced.result().metrics.kvBytesAfterPrefill,
    resident: await resident(),
  };
  await reduced.close();
  return { before, after };
}

/**
 * 2,000 tokens under a budget of 512 rows, cut every 64: bytes and resident set every 200 tokens.
 */
async function whileDecoding() {
  const bytes: number[] = [];
  const stack = plain
    .use(kvDrop({ policy: snapKV(), budget: 512, every: 64 }))
    .use(watchBytes((count) => bytes.push(count)));
  const generation = await stack.start({ ids: await readPrompt(600) }, { maxNewTokens: 2000 });
  const residents: number[] = [];
  while (!generation.done) {
    await generation.step();
    if (generation.tokens.length % 200 === 0) residents.push(await resident());
  }
  const { decodeTokensPerSecond, kvBytesPeak } = generation.result().metrics;
  await generation.close();
  return {
    kvBytes: [Math.min(...bytes), Math.max(...bytes)],
    kvBytesPeak,
    residents,
    decodeTokensPerSecond,
  };
}

/**
 * 100,000 tokens of the mock decoder under a budget of 512 rows: bytes of the cache, and the memory
 * in use at 10,000 and at the end.
 */
async function whileTheMockDecodes() {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const mock = mockDecoder({ layers: 2 });
  const bytes = new Set<number>();
  const stack = pipeline(mock, { tokenizer: { ...mockTokenizer(), endOfText: new Set<number>() } })
    .use(kvDrop({ policy: snapKV(), budget: 512, every: 64, positions: 'renumber' }))
    .use(watchBytes((count) => bytes.add(count)));
  const ids = Int32Array.from({ length: 600 }, (_, i) => 32 + (i % 90));
  const generation = await stack.start({ ids }, { maxNewTokens: 100_000 });
  const inUse: number[] = [];
  while (!generation.done) {
    await generation.step();
    if (generation.tokens.length % 10_000 !== 0) continue;
    // The mock's record of its calls grows; it is not the pipeline's.
    (mock.calls as ForwardCall[]).length = 0;
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    inUse.push(heapUsed + arrayBuffers);
  }
  await generation.close();
  return { sizes: bytes.size, bytesPerToken: (inUse[9] - inUse[0]) / 90_000 };
}

console.log(
  JSON.stringify({
    afterPrompt: await afterPrompt(),
    whileDecoding: await whileDecoding(),
    mock: await whileTheMockDecodes(),
  }),
);
await decoder.close();
