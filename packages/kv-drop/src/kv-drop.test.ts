import {
  type CacheView,
  InvalidOptionsError,
  type Middleware,
  MissingCapabilityError,
  pipeline,
} from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { rowBytes } from './cut/budget.js';
import { stableTopK } from './cut/top-k.js';
import { kvDrop } from './kv-drop.js';
import { level } from './policies/policies.test.support.js';
import { pyramidKV } from './policies/pyramid-kv.js';
import { snapKV } from './policies/snap-kv.js';
import { streamingLLM } from './policies/streaming-llm.js';
import { averagePool } from './scoring/pool.js';
import { poolBeforeWindow } from './scoring/pool-before-window.js';

const tokenizer = mockTokenizer();
const prompt = { ids: Int32Array.from({ length: 60 }, (_, i) => 32 + ((i * 37) % 90)) };
const options = { maxNewTokens: 8 };

/** Calls `see` with the cache after every decode forward. */
function watchCache(see: (view: CacheView) => void): Middleware {
  return {
    specificationVersion: 'v1',
    name: 'watch-cache',
    requires: [],
    create: () => ({
      editCache(view, _last, { phase }) {
        if (phase === 'decode') see(view);
        return undefined;
      },
    }),
  };
}

describe.each(Object.entries(level))('kvDrop with %s', (_name, policy) => {
  it.each([59, 60, 1000])('changes nothing about a prompt of 60 with budget %i', async (budget) => {
    const decoder = mockDecoder();
    const plain = await pipeline(decoder, { tokenizer }).generate(prompt, options);
    const stack = pipeline(decoder, { tokenizer }).use(kvDrop({ policy: policy(decoder), budget }));
    const result = await stack.generate(prompt, options);
    expect(result.tokens).toEqual(plain.tokens);
    expect(result.warnings).toEqual([]);
    expect(result.metrics.middlewares['kv-drop']).toMatchObject({
      rowsKept: 60,
      rowsDropped: 0,
      selectMs: 0,
    });
  });

  it('keeps the budget in every layer, feeds the last token again and goes on at the original positions', async () => {
    const decoder = mockDecoder();
    const rows: number[] = [];
    const stack = pipeline(decoder, { tokenizer, chunkSize: 16 })
      .use(kvDrop({ policy: policy(decoder), budget: 20 }))
      .use(watchCache((view) => rows.push(view.rows(0), view.rows(view.layers - 1))));
    const { tokens, metrics } = await stack.generate(prompt, { maxNewTokens: 3 });
    expect(metrics.middlewares['kv-drop']).toMatchObject({ rowsKept: 20, rowsDropped: 39 });
    expect(rows).toEqual([22, 22, 23, 23]);
    const decoded = decoder.calls.slice(-3).map(({ ids, positions }) => [ids[0], positions[0]]);
    expect(decoded).toEqual([
      [prompt.ids[59], 59],
      [tokens[0], 60],
      [tokens[1], 61],
    ]);
  });

  it('gives the memory of dropped rows back, but for those to come', async () => {
    const decoder = mockDecoder();
    const { metrics } = await pipeline(decoder, { tokenizer })
      .use(kvDrop({ policy: policy(decoder), budget: 12 }))
      .generate(prompt, options);
    // The budget, the token fed again, and eight new ones.
    expect(metrics.kvBytesAfterPrefill).toBe((12 + 1 + 8) * rowBytes(decoder.shape));
  });

  it("spends none of the budget on another middleware's look-ahead", async () => {
    const lookahead: Middleware = {
      specificationVersion: 'v1',
      name: 'look-ahead',
      requires: [],
      create: () => ({
        prefill: (input, next) =>
          next({ ...input, ids: Int32Array.of(...input.ids, ...new Array<number>(8).fill(65)) }),
      }),
    };
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer }).use(lookahead);
    const rows: number[] = [];
    const { metrics } = await stack
      .use(kvDrop({ policy: policy(decoder), budget: 20 }))
      .use(watchCache((view) => rows.push(view.rows(0))))
      .generate(prompt, { maxNewTokens: 2 });
    expect(metrics.middlewares['kv-drop']).toMatchObject({ rowsKept: 20, rowsDropped: 39 });
    expect(rows).toEqual([22]);
  });

  it('cuts a later turn to the budget again, also one shorter than the window', async () => {
    const decoder = mockDecoder();
    const rows: number[] = [];
    const stack = pipeline(decoder, { tokenizer })
      .use(kvDrop({ policy: policy(decoder), budget: 20 }))
      .use(watchCache((view) => rows.push(view.rows(0))));
    const messages = [{ role: 'user', content: 'What is this text about, and who wrote it?' }];
    const generation = await stack.start({ messages }, { maxNewTokens: 2 });
    while (!generation.done) await generation.step();
    for (const content of ['Why?', 'Please explain it at length, and then some more.']) {
      await generation.append([{ role: 'user', content }]);
      while (!generation.done) await generation.step();
      expect(generation.result().metrics.middlewares['kv-drop'].rowsKept).toBe(20);
    }
    await generation.close();
    expect(rows).toEqual([22, 22, 22]);
    expect(decoder.openSequences).toBe(0);
  });
});

describe('kvDrop', () => {
  it('decodes on the rows that SnapKV chooses from the attention', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer }).use(
      kvDrop({ policy: snapKV({ window: 8, kernel: 5 }), budget: 20 }),
    );
    const { tokens } = await stack.generate(prompt, options);

    const sequence = await decoder.open({ needs: ['scores', 'kv.edit', 'positions.explicit'] });
    const request = { rows: 8, reduceRows: 'mean', reduceHeads: 'none' } as const;
    const { scores } = await sequence.forward({
      ids: prompt.ids,
      want: { scores: { all: request } },
    });
    const perGroup = decoder.shape.heads / decoder.shape.kvHeads;
    const keep = (layer: number, kvHead: number) => {
      const heads = scores!.all.get(layer)!;
      const mean = Float32Array.from(prompt.ids, (_, column) => {
        let sum = 0;
        for (let h = 0; h < perGroup; h++) sum += heads[(kvHead * perGroup + h) * 60 + column];
        return sum / perGroup;
      });
      return stableTopK(poolBeforeWindow(mean, 59, 8, 5, averagePool), 20);
    };
    sequence.edit({ keep });
    const expected: number[] = [];
    let input = { ids: prompt.ids.slice(-1), positions: Int32Array.of(59) };
    while (expected.length < options.maxNewTokens) {
      const { logits } = await sequence.forward(input);
      const token = logits.indexOf(Math.max(...logits));
      expected.push(token);
      if (tokenizer.endOfText.has(token)) break;
      input = { ids: Int32Array.of(token), positions: Int32Array.of(59 + expected.length) };
    }
    expect(tokens).toEqual(expected);
    const plain = await pipeline(decoder, { tokenizer }).generate(prompt, options);
    expect(tokens).not.toEqual(plain.tokens);
  });

  it('gives layers the shares that the policy asks for', async () => {
    const rows: number[][] = [];
    const policy = pyramidKV({ window: 3, beta: 4 });
    const { metrics } = await pipeline(mockDecoder(), { tokenizer })
      .use(kvDrop({ policy, budget: 20 }))
      .use(watchCache((view) => rows.push([0, 1, 2, 3].map((layer) => view.rows(layer)))))
      .generate(prompt, { maxNewTokens: 2 });
    expect(rows).toEqual([[37, 27, 17, 7]]);
    expect(metrics.middlewares['kv-drop']).toMatchObject({ rowsKept: 20, rowsDropped: 39 });
  });

  it('asks for no attention where everything fits', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer });
    await stack.use(kvDrop({ policy: snapKV(), budget: 59 })).generate(prompt, options);
    expect(decoder.calls[0].want?.scores).toBeUndefined();
    await stack.use(kvDrop({ policy: snapKV(), budget: 58 })).generate(prompt, options);
    const ofTheSecond = decoder.calls.filter(({ sequence }) => sequence === 1);
    expect(ofTheSecond[0].want?.scores).toBeDefined();
  });

  it('leaves layers with a sliding window alone and says so', async () => {
    const inner = mockDecoder();
    const decoder = { ...inner, shape: { ...inner.shape, slidingWindows: [8, 0, 8, 0] } };
    const rows = new Set<string>();
    const stack = pipeline(decoder, { tokenizer })
      .use(kvDrop({ policy: snapKV({ window: 8 }), budget: 20 }))
      .use(watchCache((view) => rows.add([0, 1, 2, 3].map((layer) => view.rows(layer)).join())));
    const { warnings, metrics } = await stack.generate(prompt, { maxNewTokens: 2 });
    expect([...rows]).toEqual(['61,22,61,22']);
    expect(warnings).toMatchObject([
      { type: 'degraded', feature: 'sliding-window layers', middleware: 'kv-drop' },
    ]);
    expect(metrics.middlewares['kv-drop']).toMatchObject({ rowsKept: 39.5, rowsDropped: 19.5 });
    expect(inner.calls[0].want?.scores?.['kv-drop'].layers).toEqual([1, 3]);
  });

  it('changes nothing about a model whose layers all have a sliding window, and says so', async () => {
    const inner = mockDecoder();
    const decoder = { ...inner, shape: { ...inner.shape, slidingWindows: [8, 8, 8, 8] } };
    const plain = await pipeline(inner, { tokenizer }).generate(prompt, options);
    const stack = pipeline(decoder, { tokenizer }).use(kvDrop({ policy: snapKV(), budget: 40 }));
    const result = await stack.generate(prompt, options);
    expect(result.tokens).toEqual(plain.tokens);
    expect(result.warnings.length).toBe(1);
  });

  it('needs what its policy needs', () => {
    const decoder = mockDecoder({ capabilities: ['kv.edit', 'positions.explicit'] });
    const stack = pipeline(decoder, { tokenizer });
    stack.use(kvDrop({ policy: streamingLLM(), budget: 20 }));
    // @ts-expect-error: SnapKV reads attention, which this decoder does not give
    expect(() => stack.use(kvDrop({ policy: snapKV(), budget: 64 }))).toThrow(
      MissingCapabilityError,
    );
  });

  it('refuses a budget below the minimum of its policy, and other wrong options', () => {
    expect(() => kvDrop({ policy: snapKV({ window: 32 }), budget: 32 })).toThrow(
      "kv-drop: option 'budget': is 32, but snapKV as configured needs at least 33",
    );
    expect(() => kvDrop({ policy: streamingLLM({ sinks: 4 }), budget: 4 })).toThrow(
      InvalidOptionsError,
    );
    expect(() => kvDrop({ policy: streamingLLM(), budget: 20.5 })).toThrow("option 'budget'");
    // @ts-expect-error: a name is not a policy
    expect(() => kvDrop({ policy: 'snapKV', budget: 20 })).toThrow('must be a policy');
  });
});
