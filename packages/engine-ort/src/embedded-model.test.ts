import path from 'node:path';
import type { Sequence } from '@pliant/core';
import { readJson, readText } from '@pliant/fixtures';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrtDecoder } from './decoder.js';
import { argmax } from './goldens.test.support.js';
import { openDecoder } from './open-decoder.js';

interface Golden {
  readonly ids: number[];
  readonly firstStepTop10: { ids: number[]; logProbs: number[] };
  readonly policies?: {
    readonly snapKv: { readonly kept: { readonly [layer: string]: number[][] } };
  };
}

const names = ['chat-1', 'chat-2', 'code', 'needle-600'] as const;
const goldens = new Map(names.map((name) => [name, readJson<Golden>(`goldens/${name}.json`)]));
const text = readText('texts/alice29.txt');
/** Ids that no prompt of the goldens has: letters of the text by their codes, spread over the vocabulary. */
const scattered = Int32Array.from({ length: 90 }, (_, i) => 1000 + text.charCodeAt(5000 + i) * 97);

const prompts: readonly (readonly [string, Int32Array])[] = [
  ...names.map((name) => [name, Int32Array.from(goldens.get(name)!.ids)] as const),
  ['scattered ids', scattered],
  ['one token', Int32Array.of(504)],
  ['the code prompt, first half', Int32Array.from(goldens.get('code')!.ids).slice(0, 30)],
];
const count = 16;
const { layers, kvHeads, headDim } = { layers: 30, kvHeads: 3, headDim: 64 };

/** Greedy tokens of the unedited file, its cache fed back output by output. */
async function uneditedGreedy(session: InferenceSession, ids: Int32Array): Promise<number[]> {
  const int64 = (values: readonly bigint[]) =>
    new Tensor('int64', BigInt64Array.from(values), [1, values.length]);
  let past: { [name: string]: Tensor } = {};
  for (let layer = 0; layer < layers; layer++)
    for (const which of ['key', 'value'])
      past[`past_key_values.${layer}.${which}`] = new Tensor('float32', new Float32Array(0), [
        1,
        kvHeads,
        0,
        headDim,
      ]);
  const tokens: number[] = [];
  let next = Array.from(ids, BigInt);
  let total = 0;
  while (tokens.length < count) {
    total += next.length;
    const outputs = await session.run({
      input_ids: int64(next),
      attention_mask: int64(new Array<bigint>(total).fill(1n)),
      ...past,
    });
    const logits = outputs.logits.data as Float32Array;
    const token = argmax(logits.subarray(logits.length - 49152));
    tokens.push(token);
    next = [BigInt(token)];
    past = Object.fromEntries(
      Object.entries(outputs)
        .filter(([name]) => name.startsWith('present'))
        .map(([name, tensor]) => [name.replace('present', 'past_key_values'), tensor]),
    );
  }
  return tokens;
}

async function greedy(sequence: Sequence, ids: Int32Array): Promise<number[]> {
  let { logits } = await sequence.forward({ ids });
  const tokens = [argmax(logits)];
  while (tokens.length < count) {
    ({ logits } = await sequence.forward({ ids: Int32Array.of(tokens.at(-1)!) }));
    tokens.push(argmax(logits));
  }
  return tokens;
}

describe('the embedded model', () => {
  let unedited: InferenceSession;
  let native: OrtDecoder;
  let binding: OrtDecoder;

  beforeAll(async () => {
    process.env.ORT_DISABLE_TELEMETRY = '1';
    native = await openDecoder(smollm2);
    binding = await openDecoder(smollm2, { runtime: 'binding' });
    unedited = await InferenceSession.create(path.join(smollm2.folder, smollm2.file));
  });
  afterAll(async () => {
    await unedited.release();
    await native.close();
    await binding.close();
  });

  it('decodes as the unedited file does, on both runtimes', { timeout: 300_000 }, async () => {
    for (const [name, ids] of prompts) {
      const reference = await uneditedGreedy(unedited, ids);
      for (const decoder of [native, binding]) {
        const sequence = await decoder.open();
        expect(await greedy(sequence, ids), `${name}, ${decoder.inspect().runtime.kind}`).toEqual(
          reference,
        );
        sequence.close();
      }
    }
  });

  it('decodes the same with every port in the graph and all layers on', async () => {
    const [, ids] = prompts[2];
    const plain = await native.open();
    const expected = await greedy(plain, ids);
    const sequence = await native.open({ needs: ['layers.skip', 'scores', 'hidden.means'] });
    const on = new Uint8Array(layers).fill(1);
    let { logits } = await sequence.forward({
      ids,
      layers: on,
      want: {
        hiddenMeans: true,
        scores: { thrownAway: { rows: 8, reduceRows: 'max', reduceHeads: 'max' } },
      },
    });
    const tokens = [argmax(logits)];
    while (tokens.length < count) {
      ({ logits } = await sequence.forward({ ids: Int32Array.of(tokens.at(-1)!), layers: on }));
      tokens.push(argmax(logits));
    }
    expect(tokens).toEqual(expected);
    plain.close();
    sequence.close();
  });

  it('is as close to the fp32 reference as its 8-bit weights allow', async () => {
    for (const { ids, firstStepTop10 } of goldens.values()) {
      const sequence = await native.open();
      const { logits } = await sequence.forward({ ids: Int32Array.from(ids) });
      const highest = logits.reduce((a, b) => Math.max(a, b));
      let sum = 0;
      for (const logit of logits) sum += Math.exp(logit - highest);
      const logProbability = (id: number) => logits[id] - highest - Math.log(sum);
      const top = [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, 10);
      const shared = top.filter((id) => firstStepTop10.ids.includes(id));
      expect(shared.length).toBeGreaterThanOrEqual(8);
      firstStepTop10.ids.forEach((id, i) => {
        expect(Math.abs(logProbability(id) - firstStepTop10.logProbs[i])).toBeLessThan(0.8);
      });
      sequence.close();
    }
  });

  it('scores keep what the fp32 reference keeps by SnapKV', async () => {
    const { ids, policies } = goldens.get('needle-600')!;
    const [window, kernel, capacity] = [32, 7, 128];
    const reference = policies!.snapKv.kept;
    const sequence = await native.open({ needs: ['scores'] });
    const { scores } = await sequence.forward({
      ids: Int32Array.from(ids),
      want: {
        logits: 'none',
        scores: {
          snapKv: {
            rows: window,
            layers: Object.keys(reference).map(Number),
            reduceRows: 'mean',
            reduceHeads: 'mean',
          },
        },
      },
    });
    const candidates = ids.length - window;
    const overlaps = Object.entries(reference).flatMap(([layer, kept]) =>
      kept.map((expected, head) => {
        const row = scores!.snapKv.get(Number(layer))!.subarray(head * ids.length);
        const pooled = Array.from({ length: candidates }, (_, at) => {
          let sum = 0;
          for (let i = at - 3; i <= at + 3; i++) if (i >= 0 && i < candidates) sum += row[i];
          return sum / kernel;
        });
        const best = [...pooled.keys()]
          .sort((a, b) => pooled[b] - pooled[a] || a - b)
          .slice(0, capacity - (window - 1));
        const outside = expected.filter((position) => position < candidates);
        return best.filter((position) => outside.includes(position)).length / outside.length;
      }),
    );
    expect(Math.min(...overlaps)).toBeGreaterThanOrEqual(0.8);
    expect(overlaps.reduce((a, b) => a + b) / overlaps.length).toBeGreaterThanOrEqual(0.94);
    sequence.close();
  });

  it('leaves the event loop free while it reads a prompt', async () => {
    const sequence = await native.open();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await sequence.forward({ ids: Int32Array.from(goldens.get('needle-600')!.ids) });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(10);
    sequence.close();
  });

  it('stops in the middle of a prompt when aborted, and goes on as if nothing had been', async () => {
    const ids = Int32Array.from(goldens.get('needle-600')!.ids);
    const sequence = await native.open();
    const reference = await greedy(sequence, ids);
    sequence.edit({ truncate: 0 });
    const abort = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => abort.abort(reason), 20);
    await expect(sequence.forward({ ids, signal: abort.signal })).rejects.toBe(reason);
    expect(sequence.cache.rows(0)).toBe(0);
    expect(await greedy(sequence, ids)).toEqual(reference);
    sequence.close();
  });
});
