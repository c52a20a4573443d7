import {
  InvalidOptionsError,
  type Middleware,
  pipeline,
  StackError,
  type WrittenAhead,
} from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { readJson } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { keepBest } from '../cut/keep-best.js';
import { stableTopK } from '../cut/top-k.js';
import { kvDrop } from '../kv-drop.js';
import { JointScores } from '../look-ahead/joint-scores.js';
import { maxPool } from '../scoring/pool.js';
import { type Golden, layerRows } from './policies.test.support.js';
import { snapKV } from './snap-kv.js';
import { type SpecKVOptions, specKV } from './spec-kv.js';

type Row = (head: number, row: number, columns: number) => number[];

/** Attention of query row `row` over the keys up to it, for head h of KV head floor(h / group). */
function attention(q: number[][][], k: number[][][], group: number): Row {
  return (head, row, columns) => {
    const query = q[head][row];
    const keys = k[Math.floor(head / group)];
    const weights = Array.from({ length: columns }, (_, j) =>
      j > row
        ? 0
        : Math.exp(query.reduce((sum, x, c) => sum + x * keys[j][c], 0) / Math.sqrt(query.length)),
    );
    const total = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / total);
  };
}

/**
 * As the decoder gives them: the prompt's last `window` + 1 rows in one forward, then each row of
 * the look-ahead in its own.
 */
function joint(
  row: Row,
  heads: number,
  kvHeads: number,
  n: number,
  lookahead: number,
  window: number,
  reduction: 'max' | 'mean',
): Float32Array {
  const group = heads / kvHeads;
  const reduced = (from: number, to: number) => {
    const columns = to;
    const scores = new Float32Array(kvHeads * columns);
    for (let head = 0; head < heads; head++)
      for (let i = from; i < to; i++)
        row(head, i, columns).forEach((value, j) => {
          const at = Math.floor(head / group) * columns + j;
          if (reduction === 'max') scores[at] = Math.max(scores[at], value);
          else scores[at] += value / (group * (to - from));
        });
    return new Map([[0, scores]]);
  };
  const scores = new JointScores(reduced(n - window - 1, n), window + 1, kvHeads, reduction);
  for (let i = n; i < n + lookahead; i++) scores.add(reduced(i, i + 1), 1);
  return scores.result(lookahead).get(0)!;
}

const keptOf = (
  options: SpecKVOptions,
  scores: Float32Array,
  kvHeads: number,
  n: number,
  budget: number,
) => {
  const rows = scores.length / kvHeads;
  const layer = layerRows({ kvHeads, rows, candidates: n - 1, scores });
  return keepBest(specKV(options), layer, budget).map((kept) => [...kept]);
};

describe('specKV', () => {
  const c = [1, 2, 8, 1, 4, 1, 3, 1, 1, 2];
  const one = attention([c.map(() => [1])], [c.map((value) => [Math.log(value)])], 1);

  it.each([
    ['max', 1, [1, 2, 4, 6]],
    ['max', 3, [1, 2, 3, 6]],
    ['mean', 1, [1, 2, 4, 6]],
  ] as const)('chooses by %s with kernel %i on one head', (reduction, kernel, kept) => {
    const scores = joint(one, 1, 1, 8, 2, 1, reduction);
    const expected = {
      max: [0.05, 0.1, 0.4, 0.05, 0.2, 0.05],
      mean: [0.046185, 0.09237, 0.369481, 0.046185, 0.18474, 0.046185],
    }[reduction];
    expected.forEach((value, i) => {
      expect(scores[i]).toBeCloseTo(value, 6);
    });
    expect(keptOf({ window: 1, kernel, reduction }, scores, 1, 8, 4)).toEqual([kept]);
  });

  const [heads, kvHeads, n, lookahead, window, budget] = [4, 2, 12, 2, 2, 6];
  const q = Array.from({ length: heads }, (_, h) =>
    Array.from({ length: n + lookahead }, (_, i) =>
      [0, 1].map((d) => 2 * Math.sin(0.7 * (h + 1) * (i + 1) + d)),
    ),
  );
  const k = Array.from({ length: kvHeads }, (_, g) =>
    Array.from({ length: n + lookahead }, (_, j) =>
      [0, 1].map((d) => 2 * Math.cos(0.9 * (g + 1) * (j + 1) + 1.3 * d)),
    ),
  );

  it.each([
    [
      ...(['max', 'max', 1, [2, 5, 6, 8], [0, 2, 4, 6]] as const),
      [0.19462, 0.25037, 0.31762, 0.21169, 0.12908, 0.64978, 0.41271, 0.19695, 0.25505],
    ],
    [
      ...(['mean', 'max', 1, [1, 5, 6, 8], [2, 4, 6, 7]] as const),
      [0.06635, 0.08133, 0.07253, 0.03105, 0.04398, 0.22024, 0.16502, 0.06611, 0.08185],
    ],
    [
      ...(['max', 'mean', 3, [4, 5, 6, 7], [3, 4, 5, 7]] as const),
      [0.14833, 0.2542, 0.25989, 0.21946, 0.33018, 0.39719, 0.41982, 0.28824, 0.15067],
    ],
    [
      ...(['mean', 'mean', 3, [4, 5, 6, 7], [3, 5, 6, 7]] as const),
      [0.04923, 0.0734, 0.06164, 0.04919, 0.09843, 0.14308, 0.15046, 0.10433, 0.04932],
    ],
    [
      ...(['max', 'max', 3, [4, 5, 6, 7], [3, 4, 5, 6]] as const),
      [0.25037, 0.31762, 0.31762, 0.31762, 0.64978, 0.64978, 0.64978, 0.41271, 0.25505],
    ],
  ] as const)(
    'reduces by %s over rows and grouped heads, then pools by %s %i',
    (reduction, pool, kernel, first, second, pooled) => {
      const scores = joint(attention(q, k, 2), heads, kvHeads, n, lookahead, window, reduction);
      const options = { window, kernel, pool, reduction };
      expect(keptOf(options, scores, kvHeads, n, budget)).toEqual([
        [...first, 9, 10],
        [...second, 9, 10],
      ]);
      const rows = n + lookahead;
      const layer = layerRows({ kvHeads, rows, candidates: n - 1, scores });
      const [scored] = specKV(options).score(layer, budget);
      pooled.forEach((value, row) => {
        expect(scored[row]).toBeCloseTo(value, 4);
      });
    },
  );

  it('takes the mean before it pools, which keeps other rows than after', () => {
    // Two query heads with peaks on both sides of row 1; both attend to row 6.
    const byHead = [
      [0.6, 0, 0, 0, 0, 0, 0.4, 0],
      [0, 0, 0.6, 0, 0, 0, 0.4, 0],
    ];
    const mean = byHead[0].map((value, row) => (value + byHead[1][row]) / 2);
    const options = { window: 1, kernel: 3, reduction: 'mean' } as const;
    const [kept] = keptOf(options, Float32Array.from([...mean, 0, 0]), 1, 10, 3);
    expect(kept).toEqual([5, 6, 8]);
    const after = maxPool(Float32Array.from(byHead[0]), 3).map(
      (value, row) => (value + maxPool(Float32Array.from(byHead[1]), 3)[row]) / 2,
    );
    expect([...stableTopK(after, 2)]).toEqual([1, 5]);
  });

  it('has the scores of the reference', () => {
    const scores = joint(attention(q, k, 2), heads, kvHeads, n, lookahead, window, 'max');
    const expected = [
      [0.19462, 0.25037, 0.31762, 0.21169, 0.12908, 0.64978, 0.41271, 0.19695, 0.25505],
      [0.27053, 0.2653, 0.30035, 0.24352, 0.46002, 0.24344, 0.40623, 0.26427, 0.2679],
    ];
    expected.forEach((values, head) => {
      values.forEach((value, j) => {
        expect(scores[head * (n + lookahead) + j]).toBeCloseTo(value, 5);
      });
    });
  });

  it.each(['max', 'mean'] as const)(
    'keeps the same rows when heads of a group change places, by %s',
    (reduction) => {
      const sets = [q, [q[1], q[0], q[3], q[2]]].map((queries) => {
        const scores = joint(
          attention(queries, k, 2),
          heads,
          kvHeads,
          n,
          lookahead,
          window,
          reduction,
        );
        return keptOf({ window, kernel: 1, reduction }, scores, kvHeads, n, budget);
      });
      expect(sets[1]).toEqual(sets[0]);
    },
  );

  it.each([
    [100, 64, 32, 67],
    [5000, 256, 32, 4967],
    [66, 64, 32, 33],
  ])(
    'of %i tokens keeps %i: the best and the whole window of %i from row %i',
    (n, budget, window, from) => {
      const scores = Float32Array.from({ length: n }, (_, j) => ((j * 7919) % n) / n);
      const [kept] = keptOf({ window, kernel: 1 }, scores, 1, n, budget);
      expect(kept.length).toBe(budget);
      const inWindow = kept.filter((row) => row >= from);
      expect(inWindow).toEqual(Array.from({ length: window }, (_, i) => from + i));
      expect(kept.at(-1)).toBe(n - 2);
    },
  );

  it.each(['tiny-llama', 'tiny-qwen2'])('keeps the reference rows on %s', (model) => {
    const { policies } = readJson<Golden>(`models/${model}/golden.json`).prompts.long;
    const { settings, kept, scores } = policies.specKv;
    const { window, kernel, capacity } = settings;
    kept.forEach((expected, layer) => {
      const values = scores.beforePooling[layer].flatMap((head) => [...head, 0, 0, 0, 0, 0]);
      const own = keptOf({ window, kernel }, Float32Array.from(values), 2, 80, capacity);
      expect(own).toEqual(expected);
    });
  });

  it('refuses wrong options', () => {
    expect(() => specKV({ kernel: 64 })).toThrow("specKV: option 'kernel': must be odd");
    expect(() => specKV({ lookahead: -1 })).toThrow(InvalidOptionsError);
    // @ts-expect-error: a name is not a decoder
    expect(() => specKV({ draft: 'small' })).toThrow('must be a decoder');
    expect(() => kvDrop({ policy: specKV({ window: 32 }), budget: 32 })).toThrow('at least 33');
  });
});

const tokenizer = mockTokenizer();
const prompt = { ids: Int32Array.from({ length: 60 }, (_, i) => 32 + ((i * 37) % 90)) };
const options = { maxNewTokens: 8 };
const small = { window: 8, kernel: 5 };

describe('the look-ahead', () => {
  it('is what the draft writes, and its rows are scored with the prompt’s', async () => {
    const decoder = mockDecoder();
    const draft = mockDecoder({ seed: 1 });
    const written = await pipeline(draft, { tokenizer }).generate(prompt, { maxNewTokens: 5 });
    const stack = pipeline(decoder, { tokenizer });
    const { metrics, warnings } = await stack
      .use(kvDrop({ policy: specKV({ ...small, draft, lookahead: 5 }), budget: 20 }))
      .generate(prompt, options);
    const [prefill, refed] = decoder.calls;
    expect(prefill.ids).toEqual([...prompt.ids, ...written.tokens]);
    expect(prefill.want?.scores?.['kv-drop']).toMatchObject({
      rows: 9 + written.tokens.length,
      reduceRows: 'max',
      reduceHeads: 'max',
    });
    expect(refed).toMatchObject({ ids: [prompt.ids[59]], positions: [59] });
    expect(metrics.middlewares['kv-drop']).toMatchObject({
      rowsKept: 20,
      lookaheadTokens: written.tokens.length,
    });
    expect(warnings).toEqual([]);
    expect(draft.openSequences).toBe(0);
  });

  it.each([
    [100, 67, true],
    [66, 33, true],
    [65, 33, false],
    [64, 33, false],
  ])('of a prompt of %i into 64 rows: window from row %i, written: %s', async (n, from, drops) => {
    const ids = Int32Array.from({ length: n }, (_, i) => 32 + ((i * 37) % 90));
    const decoder = mockDecoder();
    const kept: number[][] = [];
    const watch: Middleware = {
      specificationVersion: 'v1',
      name: 'watch',
      requires: [],
      create: () => ({
        editCache(view, _last, { phase }) {
          if (phase === 'decode') kept.push([...view.positions(0, 0)]);
          return undefined;
        },
      }),
    };
    const draft = mockDecoder({ seed: 1 });
    const policy = specKV({ draft, lookahead: 8, window: 32 });
    await pipeline(decoder, { tokenizer: { ...tokenizer, endOfText: new Set() } })
      .use(kvDrop({ policy, budget: 64 }))
      .use(watch)
      .generate({ ids }, { maxNewTokens: 2 });
    const [prefill, refed] = decoder.calls;
    const all = Array.from({ length: n + 1 }, (_, position) => position);
    if (!drops) {
      expect(prefill.ids).toEqual([...ids]);
      expect(kept[0]).toEqual(all);
      return;
    }
    expect(prefill.ids).toHaveLength(n + 8);
    expect(prefill.want?.scores?.['kv-drop'].rows).toBe(32 + 8 + 1);
    expect(refed).toMatchObject({ ids: [ids[n - 1]], positions: [n - 1] });
    expect(kept[0]).toHaveLength(64 + 2);
    expect(kept[0].filter((position) => position >= from)).toEqual(all.slice(from));
  });

  it('is closed before the decoder reads', async () => {
    const draft = mockDecoder({ seed: 1 });
    const inner = mockDecoder();
    const open: number[] = [];
    const decoder = {
      ...inner,
      async open(needs?: Parameters<typeof inner.open>[0]) {
        const sequence = await inner.open(needs);
        const { forward } = sequence;
        sequence.forward = (input) => {
          open.push(draft.openSequences);
          return forward.call(sequence, input);
        };
        return sequence;
      },
    };
    await pipeline(decoder, { tokenizer })
      .use(kvDrop({ policy: specKV({ ...small, draft }), budget: 20 }))
      .generate(prompt, { maxNewTokens: 1 });
    expect(draft.calls.length).toBeGreaterThan(0);
    expect(open).toEqual([0, 0]);
  });

  it('by the decoder itself gives what a copy of it as draft gives, and reads the prompt once', async () => {
    const copy = mockDecoder();
    const decoder = mockDecoder();
    const run = (policy: ReturnType<typeof specKV>) =>
      pipeline(decoder, { tokenizer, chunkSize: 16 })
        .use(kvDrop({ policy, budget: 20 }))
        .generate(prompt, options);
    const lookahead = 5;
    for (const reduction of ['max', 'mean'] as const) {
      const own = await run(specKV({ ...small, lookahead, reduction }));
      const calls = decoder.calls.slice();
      const withCopy = await run(specKV({ ...small, lookahead, reduction, draft: copy }));
      expect(own.tokens).toEqual(withCopy.tokens);
      const { lookaheadTokens } = own.metrics.middlewares['kv-drop'];
      expect(withCopy.metrics.middlewares['kv-drop']).toMatchObject({ lookaheadTokens });
      const last = calls[calls.length - 1].sequence;
      const read = calls.filter(({ sequence }) => sequence === last).flatMap(({ ids }) => ids);
      expect(read.slice(0, 60)).toEqual([...prompt.ids]);
      expect(read.slice(60 + lookaheadTokens)).toEqual([
        prompt.ids[59],
        ...own.tokens.slice(0, -1),
      ]);
    }
    const named = await run(specKV({ ...small, lookahead, draft: decoder }));
    expect(named.tokens).toEqual((await run(specKV({ ...small, lookahead }))).tokens);
  });

  it('on a reduced copy is written there and read in one forward; on a copy of everything it is the same', async () => {
    const decoder = mockDecoder();
    const run = (lookaheadBudget?: number) =>
      pipeline(decoder, { tokenizer, chunkSize: 16 })
        .use(kvDrop({ policy: specKV({ ...small, lookahead: 5, lookaheadBudget }), budget: 20 }))
        .generate(prompt, options);
    const whole = await run();
    expect((await run(60)).tokens).toEqual(whole.tokens);
    const before = decoder.calls.length;
    const { metrics } = await run(12);
    const calls = decoder.calls.slice(before);
    const target = calls[0].sequence;
    const copied = calls.filter(({ sequence }) => sequence !== target);
    const { lookaheadTokens } = metrics.middlewares['kv-drop'];
    expect(copied.map(({ positions }) => positions[0])).toEqual(
      Array.from({ length: lookaheadTokens - 1 }, (_, i) => 60 + i),
    );
    const readAhead = calls.find(
      ({ sequence, positions }) => sequence === target && positions[0] === 60,
    );
    expect(readAhead?.ids.slice(0, -1)).toEqual(copied.map(({ ids }) => ids[0]));
    expect(readAhead?.want?.scores?.['kv-drop'].rows).toBe(lookaheadTokens);
    expect(decoder.openSequences).toBe(0);
  });

  /**
   * Writes these tokens ahead in the prompt phase, as a compression does that keeps the end of the
   * prompt.
   */
  const writes = (tokens: readonly number[] | undefined) => {
    const made: Middleware<'writes', never, unknown, WrittenAhead> = {
      specificationVersion: 'v1',
      name: 'writes',
      requires: [],
      create: () => {
        const writtenAhead: { tokens: readonly number[] | undefined } = { tokens: undefined };
        return {
          provide: { writtenAhead },
          async prompt(encoded, next) {
            writtenAhead.tokens = tokens;
            return next({ ...encoded, ids: encoded.ids.subarray(10) });
          },
        };
      },
    };
    return made;
  };

  it('is that of a middleware before, where it wrote one', async () => {
    const decoder = mockDecoder();
    const stack = (tokens: readonly number[] | undefined) =>
      pipeline(decoder, { tokenizer })
        .use(writes(tokens))
        .use(kvDrop({ policy: specKV({ ...small, writtenAhead: true }), budget: 20 }));
    const { metrics } = await stack([7, 8, 9]).generate(prompt, options);
    const [prefill, refed] = decoder.calls;
    expect(prefill.ids).toEqual([...prompt.ids.subarray(10), 7, 8, 9]);
    expect(prefill.want?.scores?.['kv-drop'].rows).toBe(9 + 3);
    expect(refed).toMatchObject({ ids: [prompt.ids[59]], positions: [49] });
    expect(metrics.middlewares['kv-drop']).toMatchObject({ lookaheadTokens: 3, lookaheadMs: 0 });
    const own = await stack(undefined).generate(prompt, options);
    expect(own.metrics.middlewares['kv-drop'].lookaheadTokens).toBeGreaterThan(3);
  });

  it('of a middleware before needs one, and no draft', async () => {
    const decoder = mockDecoder();
    const policy = specKV({ ...small, writtenAhead: true });
    const stack = pipeline(decoder, { tokenizer }).use(kvDrop({ policy, budget: 20 }));
    await expect(stack.generate(prompt, options)).rejects.toThrow(StackError);
    expect(decoder.calls).toEqual([]);
    expect(() => specKV({ draft: decoder, writtenAhead: true })).toThrow('or the draft');
  });

  it('on a reduced copy needs forks, a budget above the window, and no draft', () => {
    const plain = mockDecoder({ capabilities: ['kv.edit', 'positions.explicit', 'scores'] });
    const policy = specKV({ ...small, lookaheadBudget: 12 });
    const drop = kvDrop({ policy, budget: 20 });
    // @ts-expect-error: not among its capabilities
    expect(() => pipeline(plain, { tokenizer }).use(drop)).toThrow("'fork'");
    expect(() => specKV({ window: 32, lookaheadBudget: 32 })).toThrow('above the window');
    expect(() => specKV({ draft: mockDecoder(), lookaheadBudget: 64 })).toThrow('or the draft');
  });

  it('ends with an end token, which is scored too', async () => {
    const [first] = (await pipeline(mockDecoder(), { tokenizer }).generate(prompt, options)).tokens;
    const ending = { ...tokenizer, endOfText: new Set([first]) };
    for (const draft of [undefined, mockDecoder()]) {
      const { metrics } = await pipeline(mockDecoder(), { tokenizer: ending })
        .use(kvDrop({ policy: specKV({ ...small, lookahead: 5, draft }), budget: 20 }))
        .generate(prompt, options);
      expect(metrics.middlewares['kv-drop'].lookaheadTokens).toBe(1);
    }
  });

  it.each([59, 60])('is not written for a prompt of 60 with budget %i', async (budget) => {
    const draft = mockDecoder({ seed: 1 });
    const decoder = mockDecoder();
    const plain = await pipeline(decoder, { tokenizer }).generate(prompt, options);
    for (const policy of [specKV({ ...small, draft }), specKV(small)]) {
      const before = decoder.forwards;
      const stack = pipeline(decoder, { tokenizer }).use(kvDrop({ policy, budget }));
      const result = await stack.generate(prompt, options);
      expect(result.tokens).toEqual(plain.tokens);
      expect(decoder.forwards - before).toBe(plain.tokens.length);
    }
    expect(draft.forwards).toBe(0);
  });

  it('ends where the context ends', async () => {
    const decoder = mockDecoder({ maxPositions: 63 });
    for (const draft of [undefined, mockDecoder({ seed: 1, maxPositions: 61 })]) {
      const { metrics } = await pipeline(decoder, { tokenizer })
        .use(kvDrop({ policy: specKV({ ...small, lookahead: 50, draft }), budget: 20 }))
        .generate(prompt, { maxNewTokens: 2 });
      expect(metrics.middlewares['kv-drop'].lookaheadTokens).toBe(draft ? 2 : 3);
    }
    const draft = mockDecoder({ seed: 1, maxPositions: 59 });
    const policy = specKV({ ...small, draft });
    const stack = pipeline(decoder, { tokenizer }).use(kvDrop({ policy, budget: 20 }));
    await expect(stack.generate(prompt, { maxNewTokens: 2 })).rejects.toThrow(
      "draft 'mock-1' reads at most 59",
    );
    expect(draft.openSequences + decoder.openSequences).toBe(0);
  });

  it('warns of a draft that leaves early, and in a later turn of a draft that did not read the first', async () => {
    const decoder = mockDecoder();
    const draft = decoder.draft({ layers: 2 });
    const stack = pipeline(decoder, { tokenizer }).use(
      kvDrop({ policy: specKV({ ...small, draft }), budget: 20 }),
    );
    const messages = [{ role: 'user', content: 'What is this text about, and who wrote it?' }];
    const generation = await stack.start({ messages }, { maxNewTokens: 2 });
    while (!generation.done) await generation.step();
    expect(generation.result().warnings).toMatchObject([{ feature: 'early-exit draft' }]);
    await generation.append(messages);
    while (!generation.done) await generation.step();
    expect(generation.result().warnings).toMatchObject([{ feature: 'draft in a later turn' }]);
    await generation.close();
  });

  it('is written by the decoder itself in a later turn too', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer }).use(
      kvDrop({ policy: specKV({ ...small, lookahead: 3 }), budget: 20 }),
    );
    const messages = [{ role: 'user', content: 'What is this text about, and who wrote it?' }];
    const generation = await stack.start({ messages }, { maxNewTokens: 2 });
    while (!generation.done) await generation.step();
    await generation.append([{ role: 'user', content: 'Why?' }]);
    const { metrics } = generation.result();
    expect(metrics.middlewares['kv-drop'].lookaheadTokens).toBeGreaterThan(0);
    await generation.close();
  });

  it('of no tokens is SnapKV with one row more and the maximum', async () => {
    const decoder = mockDecoder();
    const asked: unknown[] = [];
    const spy: Middleware = {
      specificationVersion: 'v1',
      name: 'spy',
      requires: [],
      create: () => ({
        prefill: (input, next) => {
          asked.push(input.want?.scores?.['kv-drop']);
          return next(input);
        },
      }),
    };
    await pipeline(decoder, { tokenizer })
      .use(kvDrop({ policy: specKV({ ...small, lookahead: 0 }), budget: 20 }))
      .use(spy)
      .generate(prompt, options);
    expect(asked).toEqual([
      { rows: 9, layers: [0, 1, 2, 3], reduceRows: 'max', reduceHeads: 'max' },
    ]);
    const scores = Float32Array.from({ length: 60 }, (_, j) => ((j * 31) % 59) / 59);
    const policy = specKV({ ...small, lookahead: 0, pool: 'mean' });
    const layer = layerRows({ rows: 60, scores });
    const mean = snapKV({ window: 9, kernel: 5 });
    expect(keepBest(policy, layer, 20)).toEqual(keepBest(mean, layer, 20));
  });

  it('refuses a draft with another vocabulary when it is installed', () => {
    const draft = { ...mockDecoder({ seed: 1 }), vocabularyFingerprint: 'another' };
    const stack = pipeline(mockDecoder(), { tokenizer });
    const use = () => stack.use(kvDrop({ policy: specKV({ draft }), budget: 40 }));
    expect(use).toThrow(StackError);
    expect(use).toThrow("draft 'mock-1' has another vocabulary than 'mock-0'");
  });
});
