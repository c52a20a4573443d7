import { pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { kvDrop, specKV } from '@pliant/kv-drop';
import { promptCompress } from '@pliant/prompt-compress';
import { expect, test } from 'vitest';

const tokenizer = { ...mockTokenizer(), endOfText: new Set<number>() };
const prompt = { ids: Int32Array.from({ length: 90 }, (_, i) => 32 + ((i * 37) % 90)) };

test('SpecPC and SpecKV share one draft pass', async () => {
  const decoder = mockDecoder();
  const draft = mockDecoder({ seed: 1 });
  const result = await pipeline(decoder, { tokenizer })
    .use(promptCompress({ draft, keep: 48, window: 8, kernel: 4, lookahead: 5 }))
    .use(kvDrop({ policy: specKV({ window: 8, writtenAhead: true }), budget: 24 }))
    .generate(prompt, { maxNewTokens: 4 });
  // The prompt, and four of the five tokens written, once.
  expect(draft.calls.map(({ ids }) => ids.length)).toEqual([90, 1, 1, 1, 1]);
  const [prefill] = decoder.calls;
  expect(prefill.ids.length).toBe(48 + 5);
  expect(prefill.ids.slice(48, 52)).toEqual(draft.calls.slice(1).map(({ ids }) => ids[0]));
  expect(prefill.want?.scores?.['kv-drop'].rows).toBe(8 + 1 + 5);
  expect(result.metrics.middlewares['kv-drop']).toMatchObject({
    lookaheadTokens: 5,
    lookaheadMs: 0,
    rowsKept: 24,
  });
  expect(draft.openSequences + decoder.openSequences).toBe(0);
});
