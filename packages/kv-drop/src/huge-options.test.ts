import { type Capability, PliantError, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { type KvDropOptions, kvDrop } from './kv-drop.js';
import { expectedAttention } from './policies/expected-attention.js';
import { knorm } from './policies/knorm.js';
import { lagKV } from './policies/lag-kv.js';
import { pyramidKV } from './policies/pyramid-kv.js';
import { snapKV } from './policies/snap-kv.js';
import { specKV } from './policies/spec-kv.js';
import { streamingLLM } from './policies/streaming-llm.js';
import { apportion } from './scoring/apportion.js';
import { chunked } from './wrappers/chunked.js';
import { layerBudgets } from './wrappers/layer-budgets.js';
import { protectRows } from './wrappers/protect-rows.js';

const tokenizer = mockTokenizer();
const huge = 1e9;

describe('options far beyond what there is answer, or are refused', () => {
  const share = { ratio: 0.5 };
  const odd = huge + 1;
  const all: Record<string, () => KvDropOptions<Capability>> = {
    budget: () => ({ policy: knorm(), budget: huge }),
    bytes: () => ({ policy: knorm(), budget: { bytes: Number.MAX_SAFE_INTEGER } }),
    every: () => ({ policy: knorm(), budget: 40, every: huge }),
    'every, of summed attention': () => ({
      policy: snapKV({ window: 4 }),
      budget: 40,
      every: huge,
    }),
    first: () => ({ policy: protectRows(knorm(), { first: huge }), budget: 40 }),
    'first of a share': () => ({ policy: protectRows(knorm(), { first: huge }), budget: share }),
    'first of everything': () => ({
      policy: protectRows(knorm(), { first: huge }),
      budget: huge,
      every: huge,
    }),
    window: () => ({ policy: snapKV({ window: huge }), budget: share }),
    kernel: () => ({ policy: snapKV({ window: 4, kernel: odd }), budget: 40 }),
    'kernel of maxima': () => ({ policy: specKV({ window: 4, kernel: odd }), budget: 40 }),
    'pyramid, window': () => ({ policy: pyramidKV({ window: huge }), budget: share }),
    beta: () => ({ policy: pyramidKV({ window: 2, beta: Number.MAX_VALUE }), budget: 40 }),
    future: () => ({ policy: expectedAttention({ future: huge, queries: huge }), budget: 40 }),
    sinks: () => ({ policy: streamingLLM({ sinks: huge }), budget: share }),
    'sinks of lagKV': () => ({ policy: lagKV({ sinks: huge, lag: huge }), budget: share }),
    lag: () => ({ policy: lagKV({ lag: huge }), budget: 40 }),
    size: () => ({ policy: chunked(knorm(), { size: huge }), budget: 40 }),
    lookahead: () => ({ policy: specKV({ window: 4, lookahead: huge }), budget: 40 }),
    'lookahead of a draft': () => ({
      policy: specKV({ window: 4, lookahead: huge, draft: mockDecoder({ maxPositions: 256 }) }),
      budget: 40,
    }),
    lookaheadBudget: () => ({
      policy: specKV({ window: 4, lookahead: huge, lookaheadBudget: huge }),
      budget: 40,
    }),
    shares: () => ({
      policy: layerBudgets(knorm(), [5e-324, 1, 1e308, Number.MAX_VALUE]),
      budget: 40,
    }),
  };
  for (const [name, options] of Object.entries(all))
    it(name, async () => {
      for (const more of [{}, { betweenChunks: true, positions: 'renumber' as const }]) {
        const decoder = mockDecoder({ maxPositions: 256 });
        const run = async () =>
          pipeline(decoder, { tokenizer, chunkSize: 64 })
            .use(kvDrop({ ...options(), ...more }))
            .generate({ text: 'abc '.repeat(20) }, { maxNewTokens: huge, stop: ['z', 'q', 'e'] });
        const result = await run().catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(PliantError);
        else expect(result).toMatchObject({ finishReason: expect.any(String) });
        expect(decoder.openSequences).toBe(0);
      }
    });
});

it('shares of any size are apportioned to the row', () => {
  for (const shares of [
    [5e-324, 1e308],
    [5e-324, 5e-324, 5e-324],
    [Number.MAX_VALUE, Number.MAX_VALUE, 1],
    [1, 1e-200, 1e200],
  ]) {
    const total = 10 * shares.length;
    const rows = apportion(total, shares, 1, 2 * total);
    expect(rows.reduce((a, b) => a + b)).toBe(total);
    expect(Math.min(...rows)).toBeGreaterThan(0);
  }
});
