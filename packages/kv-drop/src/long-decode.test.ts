import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pipeline } from '@pliant/core';
import { type ForwardCall, mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { expect, test } from 'vitest';
import { rowBytes } from './cut/budget.js';
import { kvDrop } from './kv-drop.js';
import { snapKV } from './policies/snap-kv.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that are in use once what is unreachable has gone. */
function memoryInUse(): number {
  collectGarbage();
  // Buffers are freed in the background: a second collection waits for the first one's.
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('10,000 tokens under a budget of 256 rows take no more memory than 2,000', async () => {
  const tokenizer = { ...mockTokenizer(), endOfText: new Set<number>() };
  const decoder = mockDecoder({ layers: 2 });
  const bytes = new Set<number>();
  const stack = pipeline(decoder, { tokenizer })
    .use(kvDrop({ policy: snapKV(), budget: 256, every: 64, positions: 'renumber' }))
    .use({
      specificationVersion: 'v1',
      name: 'watching',
      requires: [],
      create: () => ({
        editCache(view, _last, { phase }) {
          if (phase === 'decode') bytes.add(view.bytes);
          return undefined;
        },
      }),
    });
  const ids = Int32Array.from({ length: 300 }, (_, i) => 32 + (i % 90));
  const generation = await stack.start({ ids }, { maxNewTokens: 10_000 });
  const inUse: number[] = [];
  while (!generation.done) {
    await generation.step();
    if (generation.tokens.length % 2_000 !== 0) continue;
    // The mock's record of its calls grows; it is not the pipeline's.
    (decoder.calls as ForwardCall[]).length = 0;
    inUse.push(memoryInUse());
  }
  await generation.close();
  expect(generation.tokens).toHaveLength(10_000);
  expect([...bytes]).toEqual([(256 + 64) * rowBytes(decoder.shape)]);
  // What grows is the answer: an id, a log-weight and pieces of text, some 150 bytes a token. A row
  // of the cache has 256.
  const perToken = (inUse[4] - inUse[0]) / 8_000;
  expect(perToken).toBeLessThan(256);
});
