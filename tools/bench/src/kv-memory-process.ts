import { setTimeout as sleep } from 'node:timers/promises';
import { type Middleware, pipeline } from '@pliant/core';
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

/** 4,096 tokens read whole, then 256 rows kept: the cache before and after, and the resident set. */
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

/** 2,000 tokens under a budget of 512 rows, cut every 64: bytes and resident set every 200 tokens. */
async function whileDecoding() {
  const bytes: number[] = [];
  const watching: Middleware<'watching'> = {
    specificationVersion: 'v1',
    name: 'watching',
    requires: [],
    create: () => ({
      editCache(view, _last, { phase }) {
        if (phase === 'decode') bytes.push(view.bytes);
        return undefined;
      },
    }),
  };
  const stack = plain.use(kvDrop({ policy: snapKV(), budget: 512, every: 64 })).use(watching);
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

console.log(
  JSON.stringify({ afterPrompt: await afterPrompt(), whileDecoding: await whileDecoding() }),
);
await decoder.close();
