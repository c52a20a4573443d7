import {
  type CacheView,
  InvalidOptionsError,
  type Middleware,
  PromptError,
  pipeline,
  type Sequence,
} from '@pliant/core';
import { type MockDecoder, mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { rowBytes } from './cut/budget.js';
import { type KvDropOptions, kvDrop } from './kv-drop.js';
import { h2o } from './policies/h2o.js';
import { level, samplePolicies } from './policies/policies.test.support.js';
import { snapKV } from './policies/snap-kv.js';
import { streamingLLM } from './policies/streaming-llm.js';
import type { Policy } from './scoring/policy.js';
import { protectRows } from './wrappers/protect-rows.js';

const tokenizer = { ...mockTokenizer(), endOfText: new Set<number>() };
const promptOf = (length: number) => ({
  ids: Int32Array.from({ length }, (_, i) => 32 + ((i * 37) % 90)),
});

interface Seen {
  /** Of the fullest layer, after each forward and before it is cut. */
  readonly rows: number[];
  readonly bytes: number[];
}

/** Notes what the cache holds after each forward, those below kvDrop's edits included. */
function watch(decoder: MockDecoder): { decoder: MockDecoder; seen: Seen } {
  const seen: Seen = { rows: [], bytes: [] };
  const note = (view: CacheView) => {
    seen.rows.push(Math.max(...Array.from({ length: view.layers }, (_, l) => view.rows(l))));
    seen.bytes.push(view.bytes);
  };
  const open = async (options?: Parameters<typeof decoder.open>[0]) => {
    const sequence: Sequence = await decoder.open(options);
    const { forward } = sequence;
    sequence.forward = async (input) => {
      const output = await forward.call(sequence, input);
      note(sequence.cache);
      return output;
    };
    return sequence;
  };
  return { decoder: { ...decoder, open }, seen };
}

describe.each(Object.entries(level))('%s', (_name, policy) => {
  it('stays within budget and interval while decoding, in rows and bytes', async () => {
    const { decoder, seen } = watch(mockDecoder());
    const { tokens, metrics } = await pipeline(decoder, { tokenizer })
      .use(kvDrop({ policy: policy(decoder), budget: 20, every: 8 }))
      .generate(promptOf(60), { maxNewTokens: 50 });
    expect(tokens).toHaveLength(50);
    const decoding = seen.rows.slice(-48);
    expect(Math.max(...decoding)).toBe(20 + 8);
    expect(Math.min(...decoding)).toBe(21);
    const { decodeCuts } = metrics.middlewares['kv-drop'];
    expect(decodeCuts).toBe(Math.floor((50 - 1 + 1) / 8));
    for (const bytes of seen.bytes.slice(-48)) expect(bytes).toBe(28 * rowBytes(decoder.shape));
  });

  it('stays within budget and chunk while reading', async () => {
    const { decoder, seen } = watch(mockDecoder());
    const lookahead = 4;
    const chunkSize = 80;
    const { metrics } = await pipeline(decoder, { tokenizer, chunkSize })
      .use(kvDrop({ policy: policy(decoder), budget: 20, betweenChunks: true }))
      .generate(promptOf(340), { maxNewTokens: lookahead });
    expect(Math.max(...seen.rows)).toBeLessThanOrEqual(20 + chunkSize);
    const target = Math.max(...seen.bytes);
    expect(target).toBeLessThanOrEqual((20 + chunkSize) * rowBytes(decoder.shape));
    expect(metrics.middlewares['kv-drop']).toMatchObject({ rowsKept: 20, rowsDropped: 319 });
  });

  it('goes on as before where everything fits', async () => {
    const decoder = mockDecoder();
    const plain = await pipeline(decoder, { tokenizer }).generate(promptOf(40));
    const bounded = pipeline(decoder, { tokenizer, chunkSize: 16 }).use(
      kvDrop({ policy: policy(decoder), budget: 400, every: 4, betweenChunks: true }),
    );
    expect((await bounded.generate(promptOf(40))).tokens).toEqual(plain.tokens);
  });

  it('does in a fork what it does in the original', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer }).use(
      kvDrop({ policy: policy(decoder), budget: 20, every: 8 }),
    );
    const original = await stack.start(promptOf(60), { maxNewTokens: 40 });
    for (let step = 0; step < 13; step++) await original.step();
    // The same seed: `random` draws from another stream in a copy, and is compared by its counts
    // only.
    const copy = await original.fork({ seed: 0 });
    while (!original.done) await original.step();
    while (!copy.done) await copy.step();
    const isRandom = policy(decoder).name === 'random';
    expect(copy.tokens).toHaveLength(40);
    if (!isRandom) expect(copy.tokens).toEqual(original.tokens);
    await original.close();
    await copy.close();
  });
});

describe('attention while decoding', () => {
  /** Scores of the first cut, and the cache's rows at it. */
  function recorded(policy: Policy<'scores'>) {
    const cuts: { scores: Float32Array; rows: number; newRows: number }[] = [];
    const recording: Policy<'scores'> = {
      ...policy,
      score(layer, budget) {
        if (layer.layer === 1)
          cuts.push({ scores: layer.scores!.slice(), rows: layer.rows, newRows: layer.newRows });
        return policy.score(layer, budget);
      },
    };
    return { cuts, recording };
  }

  it.each([
    ['of the last tokens of an interval', snapKV({ window: 3, kernel: 1 }), 3],
    ['of a whole interval, where the policy asks for more', snapKV({ window: 20, kernel: 1 }), 8],
    ['of every token, where the policy sums it', h2o(), 32],
  ] as const)('is that %s', async (_, policy, rows) => {
    const decoder = mockDecoder();
    const { cuts, recording } = recorded(policy);
    const prompt = promptOf(20);
    const { tokens } = await pipeline(decoder, { tokenizer, chunkSize: 16 })
      .use(kvDrop({ policy: recording, budget: 24, every: 8 }))
      .generate(prompt, { maxNewTokens: 16 });
    const ids = Int32Array.of(...prompt.ids, ...tokens.slice(0, 12));
    const { reduceRows } = policy.scores!(8);
    const sequence = await decoder.open({ needs: ['scores'] });
    const scores = { whole: { rows, reduceRows, reduceHeads: 'mean' } } as const;
    const output = await sequence.forward({ ids, want: { scores } });
    const expected = output.scores!.whole.get(1)!;
    expect(cuts[0]).toMatchObject({ rows: 32, newRows: 32 });
    cuts[0].scores.forEach((score, i) => {
      // Sums of float32 in another order.
      expect(Math.abs(score - expected[i])).toBeLessThan(1e-5);
    });
  });

  it('forgets tokens that were taken back', async () => {
    const decoder = mockDecoder();
    const { cuts, recording } = recorded(h2o());
    const stack = pipeline(decoder, { tokenizer }).use(
      kvDrop({ policy: recording, budget: 24, every: 8 }),
    );
    const straight = await stack.start(promptOf(20), { maxNewTokens: 30 });
    for (let step = 0; step < 14; step++) await straight.step();
    const turning = await stack.start(promptOf(20), { maxNewTokens: 30 });
    for (let step = 0; step < 9; step++) await turning.step();
    turning.rollback(5);
    for (let step = 0; step < 10; step++) await turning.step();
    expect(turning.tokens).toEqual(straight.tokens);
    // What the tokens taken back asked for stays in the sums of the rows before them; their own
    // rows begin at 0 again.
    const [first, second] = cuts.map(({ scores }) => scores.slice(24, 32));
    second.forEach((score, i) => {
      expect(Math.abs(score - first[i])).toBeLessThan(1e-5);
    });
  });
});

describe('positions', () => {
  const small = () => mockDecoder({ maxPositions: 128 });
  const bounded = { policy: streamingLLM(), budget: 24, betweenChunks: true, every: 8 } as const;

  it('numbered anew let a prompt and an answer be longer than the context', async () => {
    const { decoder, seen } = watch(small());
    const stack = pipeline(decoder, { tokenizer, chunkSize: 32 }).use(
      kvDrop({ ...bounded, positions: 'renumber' }),
    );
    const { tokens, finishReason } = await stack.generate(promptOf(500), { maxNewTokens: 300 });
    expect(tokens).toHaveLength(300);
    expect(finishReason).toBe('length');
    expect(Math.max(...seen.rows)).toBeLessThanOrEqual(24 + 32);
  });

  it('left as they are end with the context, and nothing longer is read', async () => {
    const stack = pipeline(small(), { tokenizer, chunkSize: 32 }).use(kvDrop(bounded));
    await expect(stack.generate(promptOf(500))).rejects.toThrow(PromptError);
    const { tokens, warnings } = await stack.generate(promptOf(100), { maxNewTokens: 300 });
    expect(tokens.length).toBeLessThan(30);
    expect(warnings).toMatchObject([{ feature: 'context' }]);
  });

  it('numbered anew at the end of the prompt make room for an answer', async () => {
    const options = { policy: streamingLLM(), budget: 24, positions: 'renumber' } as const;
    const stack = pipeline(small(), { tokenizer }).use(kvDrop(options));
    const { tokens } = await stack.generate(promptOf(120), { maxNewTokens: 90 });
    expect(tokens).toHaveLength(90);
  });

  it('need a decoder that can rotate keys', () => {
    const plain = mockDecoder({ capabilities: ['kv.edit', 'positions.explicit'] });
    const drop = kvDrop({ ...bounded, positions: 'renumber' });
    // @ts-expect-error: not among its capabilities
    expect(() => pipeline(plain, { tokenizer }).use(drop)).toThrow("'positions.renumber'");
    pipeline(plain, { tokenizer }).use(kvDrop(bounded));
  });
});

describe('budget', () => {
  const kept = async (budget: KvDropOptions['budget'], length = 100) => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(
      kvDrop({ policy: streamingLLM(), budget }),
    );
    const { metrics, warnings } = await stack.generate(promptOf(length), { maxNewTokens: 1 });
    return { rows: metrics.middlewares['kv-drop'].rowsKept, warnings };
  };

  it('is given in rows, as a share of what was read, or in bytes', async () => {
    expect((await kept(29)).rows).toBe(29);
    expect((await kept({ ratio: 0.29 })).rows).toBe(29);
    const { shape } = mockDecoder();
    expect((await kept({ bytes: 29 * rowBytes(shape) })).rows).toBe(29);
    expect((await kept({ bytes: 30 * rowBytes(shape) - 1 })).rows).toBe(29);
  });

  it('as a share is raised to what the policy needs, with a warning', async () => {
    const { rows, warnings } = await kept({ ratio: 0.01 });
    expect(rows).toBe(5);
    expect(warnings).toMatchObject([{ type: 'degraded', feature: 'budget' }]);
  });

  it('is refused where it is too small for the policy, or no budget', () => {
    const { shape } = mockDecoder();
    const policy = streamingLLM();
    const stack = pipeline(mockDecoder(), { tokenizer });
    const few = kvDrop({ policy, budget: { bytes: 4 * rowBytes(shape) } });
    expect(() => stack.use(few)).toThrow(InvalidOptionsError);
    for (const budget of [0, 1.5, { ratio: 0 }, { ratio: 1.5 }, { bytes: 0 }, { rows: 3 }])
      expect(() => kvDrop({ policy, budget: budget as number })).toThrow("option 'budget");
    expect(() => kvDrop({ policy, budget: 20, every: 0 })).toThrow("option 'every'");
  });

  it('that protected rows do not fit into is refused before anything is read', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer }).use(
      kvDrop({ policy: protectRows(snapKV({ window: 8 }), { first: 30 }), budget: 32 }),
    );
    await expect(stack.generate(promptOf(60))).rejects.toThrow('30 rows always stay');
    expect(decoder.calls).toEqual([]);
    expect(decoder.openSequences).toBe(0);
  });
});

it.each(['snapKV', 'h2o', 'knorm'])(
  'leaves the rows of a layer alone that is skipped while decoding, under %s',
  async (name) => {
    const rows = new Set<number>();
    const skipping: Middleware<'skipping', 'layers.skip'> = {
      specificationVersion: 'v1',
      name: 'skipping',
      requires: ['layers.skip'],
      create: () => ({
        forward: (input, next) => next({ ...input, layers: Uint8Array.of(1, 0, 1, 1) }),
        editCache(view, _last, { phase }) {
          if (phase === 'decode') rows.add(view.rows(1));
          return undefined;
        },
      }),
    };
    const decoder = mockDecoder({ layers: 4 });
    const { tokens, metrics } = await pipeline(decoder, { tokenizer })
      .use(kvDrop({ policy: samplePolicies[name](decoder), budget: 20, every: 4 }))
      .use(skipping)
      .generate(promptOf(60), { maxNewTokens: 30 });
    expect(tokens).toHaveLength(30);
    expect(metrics.middlewares['kv-drop'].decodeCuts).toBeGreaterThan(3);
    expect(Math.max(...rows)).toBe(21);
  },
);

it('takes no more memory than the answer needs, however long the interval', async () => {
  const decoder = mockDecoder();
  const { metrics } = await pipeline(decoder, { tokenizer })
    .use(kvDrop({ policy: streamingLLM(), budget: 20, every: 100_000 }))
    .generate(promptOf(60), { maxNewTokens: 5 });
  expect(metrics.kvBytesAfterPrefill).toBe((20 + 1 + 5) * rowBytes(decoder.shape));
});

it('refuses a policy that asks for means of chunks', () => {
  const policy: Policy<'scores'> = {
    ...h2o(),
    name: 'means',
    scores: (rows) => ({ rows, chunks: 'every', reduceRows: 'mean', reduceHeads: 'mean' }),
  };
  expect(() => kvDrop({ policy, budget: 20 })).toThrow('ask for the sum');
});

it('keeps protected rows through chunks, decoding and later turns', async () => {
  const held: boolean[] = [];
  const watching: Middleware = {
    specificationVersion: 'v1',
    name: 'watching',
    requires: [],
    create: () => ({
      editCache(view) {
        for (let head = 0; head < view.kvHeads; head++)
          held.push(view.positions(1, head).slice(0, 30).join() === first);
        return undefined;
      },
    }),
  };
  const first = Array.from({ length: 30 }, (_, i) => i).join();
  const policy = protectRows(h2o(), { first: 30, roles: [], template: false });
  const stack = pipeline(mockDecoder(), { tokenizer, chunkSize: 40 })
    .use(kvDrop({ policy, budget: 40, every: 8, betweenChunks: true }))
    .use(watching);
  const messages = [{ role: 'user', content: 'a long text, '.repeat(20) }];
  const generation = await stack.start({ messages }, { maxNewTokens: 30 });
  while (!generation.done) await generation.step();
  await generation.append([{ role: 'user', content: 'and some more of it, '.repeat(10) }]);
  while (!generation.done) await generation.step();
  await generation.close();
  expect(held.length).toBeGreaterThan(100);
  expect(held.every(Boolean)).toBe(true);
});
