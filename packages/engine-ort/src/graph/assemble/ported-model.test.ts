import { argmax } from '@pliant/core';
import { describe, expect, test } from 'vitest';
import {
  distance,
  floats,
  type GoldenPrompt,
  GraphRunner,
  int64,
  openSession,
  TINY_MODELS,
  type TinyModel,
  tinyModel,
} from '../graph-runner.test.support.js';
import { GQA_INPUT } from '../read/attention.js';

const STRICT = 2e-4;

describe.each(TINY_MODELS)('tiny-%s with ports', (name) => {
  const tiny = tinyModel(name);
  const prompts = Object.entries(tiny.golden.prompts) as [string, GoldenPrompt][];

  test.each(prompts)('%s prompt: prefill and greedy decode as the golden', async (_, golden) => {
    const runner = await GraphRunner.open(tiny.model);
    const { ids } = golden;
    const { logits } = await runner.forward(ids, 0, { logitRows: ids.length });
    const vocabulary = tiny.model.shape.vocabulary;
    const last = logits.subarray(logits.length - vocabulary);
    expect(distance(last, golden.prefillLastLogits)).toBeLessThan(STRICT);
    for (const [row, margin] of golden.top2MarginAllRows.entries())
      if (margin > 1e-3)
        expect(argmax(logits.subarray(row * vocabulary, (row + 1) * vocabulary))).toBe(
          golden.argmaxAllRows[row],
        );
    const [first, ...rest] = golden.greedyTokens;
    expect(argmax(last)).toBe(first);
    const decoded = await runner.greedy(first, ids.length, rest.length);
    expect(distance(decoded.firstLogits, golden.firstDecodeLogits)).toBeLessThan(STRICT);
    expect(decoded.tokens).toEqual(rest);
  });

  test('equals the unedited graph, logits of every row', async () => {
    const { ids } = tiny.golden.prompts.short;
    const runner = await GraphRunner.open(tiny.model);
    const { logits } = await runner.forward(ids, 0, { logitRows: ids.length });
    expect(distance(logits, await uneditedLogits(tiny, ids))).toBeLessThan(1e-5);
  });

  test('prefill in chunks, with spare capacity, equals one prefill', async () => {
    const ids = longest(tiny);
    const whole = await GraphRunner.open(tiny.model);
    const expected = await whole.forward(ids, 0);
    const chunked = whole.copy();
    chunked.keep(chunked.cache.map(({ key }) => key.map(() => [])));
    let last = new Float32Array();
    for (const [start, end] of [
      [0, 7],
      [7, 8],
      [8, ids.length],
    ])
      last = Float32Array.from(
        (await chunked.forward(ids.slice(start, end), start, { spare: 5 })).logits,
      );
    expect(distance(last, expected.logits)).toBeLessThan(STRICT);
    for (const [layer, { key, value }] of chunked.cache.entries()) {
      expect(distance(key.flat(), whole.cache[layer].key.flat())).toBeLessThan(1e-4);
      expect(distance(value.flat(), whole.cache[layer].value.flat())).toBeLessThan(1e-4);
    }
  });

  test('all gates on equals no gates, bit for bit in tokens', async () => {
    const { ids, greedyTokens } = tiny.golden.prompts.short;
    const gated = await GraphRunner.open(tiny.model, {
      gates: true,
      evidence: ['scores', 'hiddenMeans'],
    });
    const { logits, queries, means } = await gated.forward(ids, 0, { queryRows: 3 });
    const plain = await GraphRunner.open(tiny.model);
    expect(distance(logits, (await plain.forward(ids, 0)).logits)).toBeLessThan(1e-5);
    const { heads, headDim, layers, hidden } = tiny.model.shape;
    expect(queries.map(({ length }) => length)).toEqual(
      new Array(layers).fill(3 * heads * headDim),
    );
    expect(means).toHaveLength(layers * hidden);
    const decoded = await gated.greedy(greedyTokens[0], ids.length, greedyTokens.length - 1);
    expect(decoded.tokens).toEqual(greedyTokens.slice(1));
  });

  test('a cut graph equals the gates of the later layers off', async () => {
    const { ids } = tiny.golden.prompts.short;
    const cut = await GraphRunner.open(tiny.model, { layers: 2, evidence: ['scores'] });
    const gated = await GraphRunner.open(tiny.model, { gates: true });
    const gates = Array.from({ length: tiny.model.shape.layers }, (_, layer) => layer < 2);
    const [a, b] = [await cut.forward(ids, 0), await gated.forward(ids, 0, { gates })];
    expect(distance(a.logits, b.logits)).toBeLessThan(1e-5);
    expect(cut.cache).toHaveLength(2);
    expect(gated.rows(1)).toBe(ids.length);
    expect(gated.rows(2)).toBe(0);
    const token = argmax(a.logits);
    expect((await cut.greedy(token, ids.length, 4)).tokens).toEqual(
      (await gated.greedy(token, ids.length, 4, gates)).tokens,
    );
    // The layers are not there by accident of the test: with all of them the logits differ.
    const full = await (await GraphRunner.open(tiny.model)).forward(ids, 0);
    expect(distance(full.logits, a.logits)).toBeGreaterThan(0.01);
  });

  test('no logits when no rows are asked for', async () => {
    const { ids } = tiny.golden.prompts.short;
    const runner = await GraphRunner.open(tiny.model);
    expect((await runner.forward(ids, 0, { logitRows: 0 })).logits).toHaveLength(0);
    expect(runner.rows(0)).toBe(ids.length);
  });

  test('a skipped layer writes no rows, returns no queries and a mean of 0', async () => {
    const { ids } = tiny.golden.prompts.short;
    const runner = await GraphRunner.open(tiny.model, {
      gates: true,
      evidence: ['scores', 'hiddenMeans'],
    });
    await runner.forward(ids, 0);
    const { hidden, layers } = tiny.model.shape;
    const gates = Array.from({ length: layers }, (_, layer) => layer !== 1);
    const { queries, means } = await runner.forward([3], ids.length, { gates, queryRows: 1 });
    expect(runner.rows(0)).toBe(ids.length + 1);
    expect(runner.rows(1)).toBe(ids.length);
    expect(queries[1]).toHaveLength(0);
    expect(queries[2].length).toBeGreaterThan(0);
    expect(means!.subarray(hidden, 2 * hidden).every((value) => value === 0)).toBe(true);
    expect(means!.subarray(2 * hidden, 3 * hidden).some((value) => value !== 0)).toBe(true);
  });
});

describe.each(['llama', 'qwen2'])('tiny-%s against its goldens', (name) => {
  const { golden, model } = tinyModel(name);
  const long = golden.prompts.long!;
  const prompt = long.ids.length;

  test('query rows, keys and hidden means', async () => {
    const { keyCachePostRope, queryPreRope, normalisedInputMean } = long.internals!;
    const runner = await GraphRunner.open(model, { evidence: ['scores', 'hiddenMeans'] });
    const { queries, means } = await runner.forward(long.ids, 0, { queryRows: 8 });
    const { headDim, heads } = model.shape;
    for (const [layer, { key }] of runner.cache.entries()) {
      const keys = key.map((head) =>
        keyCachePostRope.positions.map((row) => head.slice(row * headDim, (row + 1) * headDim)),
      );
      expect(distance(keys.flat(2), keyCachePostRope.values[layer].flat(2))).toBeLessThan(1e-4);
      const byHead = Array.from({ length: heads }, (_, head) =>
        Array.from({ length: 8 }, (_, row) => {
          const at = (row * heads + head) * headDim;
          return [...queries[layer].subarray(at, at + headDim)];
        }),
      );
      expect(distance(byHead.flat(2), queryPreRope.values[layer].flat(2))).toBeLessThan(1e-4);
    }
    expect(distance(means!, normalisedInputMean.values.flat())).toBeLessThan(1e-4);
  });

  test('skipped layers in decode', async () => {
    const { skippedLayers, fedToken, position, firstDecodeLogits, greedyTokens } = long.layerSkip!;
    const runner = await GraphRunner.open(model, { gates: true });
    await runner.forward(long.ids, 0);
    const gates = Array.from({ length: 4 }, (_, layer) => !skippedLayers.includes(layer));
    const { tokens, firstLogits } = await runner.greedy(
      fedToken,
      position,
      greedyTokens.length,
      gates,
    );
    expect(distance(firstLogits, firstDecodeLogits)).toBeLessThan(STRICT);
    expect(tokens).toEqual(greedyTokens);
    expect(runner.rows(skippedLayers[0])).toBe(prompt);
  });

  test('reduced caches, the last prompt token fed again at its own position', async () => {
    const whole = await GraphRunner.open(model);
    await whole.forward(long.ids, 0);
    const cases = Object.entries(long.policies!).flatMap(([policy, value]) =>
      policy === 'specPc' ? [] : reducedCaches(policy, value),
    );
    expect(cases.length).toBe(13);
    for (const { label, kept, decode } of cases) {
      const runner = whole.copy();
      runner.keep(kept);
      const { tokens, firstLogits } = await runner.greedy(
        long.ids[prompt - 1],
        prompt - 1,
        decode.greedyTokens.length,
      );
      expect(distance(firstLogits, decode.firstLogits), label).toBeLessThan(STRICT);
      expect(tokens, label).toEqual(decode.greedyTokens);
    }
  });
});

test('a batch of ragged sequences equals each alone', async () => {
  const { model, golden } = tinyModel('qwen3');
  const { ids } = golden.prompts.short;
  const runner = await GraphRunner.open(model);
  await runner.forward(ids.slice(0, 9), 0);
  const longer = runner.copy();
  await longer.forward(ids.slice(9, 14), 9);
  const batch = await runner.batch(longer, [5, 6], 3);
  for (const [at, one] of [runner, longer].entries()) {
    const token = [5, 6][at];
    const alone = await one.forward([token], one.rows(0));
    expect(distance(batch.logits[at], alone.logits)).toBeLessThan(1e-5);
    const { headDim } = model.shape;
    for (const [layer, { key, value }] of one.cache.entries()) {
      const last = (heads: number[][]) => heads.flatMap((head) => head.slice(-headDim));
      expect(distance(batch.keys[layer][at], last(key))).toBeLessThan(1e-5);
      expect(distance(batch.values[layer][at], last(value))).toBeLessThan(1e-5);
    }
  }
});

interface Decode {
  readonly firstLogits: number[];
  readonly greedyTokens: number[];
}
interface Reduced {
  readonly kept: number[][][];
  readonly decode: Decode;
}

function reducedCaches(policy: string, value: unknown): (Reduced & { label: string })[] {
  const one = value as Partial<Reduced> & { refeed?: Reduced; context?: Reduced };
  if (one.kept && one.decode) return [{ label: policy, kept: one.kept, decode: one.decode }];
  return (['refeed', 'context'] as const).map((variant) => ({
    label: `${policy} ${variant}`,
    ...one[variant]!,
  }));
}

function longest({ golden }: TinyModel): number[] {
  return (golden.prompts.long ?? golden.prompts.short).ids;
}

async function uneditedLogits({ bytes, model }: TinyModel, ids: number[]): Promise<Float32Array> {
  const session = await openSession(bytes);
  const { kvHeads, headDim } = model.shape;
  const { Tensor } = await import('onnxruntime-node');
  const feeds: { [name: string]: ReturnType<typeof int64> } = {
    input_ids: int64(ids, [1, ids.length]),
    attention_mask: int64(new Array(ids.length).fill(1), [1, ids.length]),
  };
  for (const { node } of model.attentions)
    for (const at of [GQA_INPUT.pastKey, GQA_INPUT.pastValue])
      feeds[node.input[at]] = new Tensor('float32', new Float32Array(), [1, kvHeads, 0, headDim]);
  return floats((await session.run(feeds))[model.names.logits]);
}
