import path from 'node:path';
import { argmax, type Sequence, type Want } from '@pliant/core';
import { readJson, readText } from '@pliant/fixtures';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrtDecoder } from './decoder.js';
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
/**
 * Ids that are in no prompt of the goldens: letters of the text by their codes, spread over the
 * vocabulary.
 */
const scattered = Int32Array.from({ length: 90 }, (_, i) => 1000 + text.charCodeAt(5000 + i) * 97);

const idsOf = (name: (typeof names)[number]) => Int32Array.from(goldens.get(name)!.ids);
const long = idsOf('needle-600').slice(0, 120);
const prompts = {
  chat: idsOf('chat-1'),
  code: idsOf('code'),
  long,
  'scattered ids': scattered,
  'one token': Int32Array.of(504),
};
type Prompt = keyof typeof prompts;
/** Tokens decoded after each prompt. */
const count = 8;
const { layers, kvHeads, headDim } = { layers: 30, kvHeads: 3, headDim: 64 };
const everyPort = ['layers.skip', 'scores', 'hidden.means'] as const;

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

async function greedy(
  sequence: Sequence,
  ids: Int32Array,
  layers?: Uint8Array,
  want?: Want,
): Promise<number[]> {
  let { logits } = await sequence.forward({ ids, layers, want });
  const tokens = [argmax(logits)];
  while (tokens.length < count) {
    ({ logits } = await sequence.forward({ ids: Int32Array.of(tokens.at(-1)!), layers }));
    tokens.push(argmax(logits));
  }
  return tokens;
}

function expectNearReference(logits: Float32Array, { firstStepTop10 }: Golden): void {
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
}

describe('the embedded model', () => {
  const references = new Map<Prompt, number[]>();
  let native: OrtDecoder;
  let binding: OrtDecoder;

  beforeAll(async () => {
    process.env.ORT_DISABLE_TELEMETRY = '1';
    // One thread each: the idle threads of one would spin against those of the others.
    native = await openDecoder(smollm2, { threads: 1 });
    binding = await openDecoder(smollm2, { runtime: 'binding', threads: 1 });
    const unedited = await InferenceSession.create(path.join(smollm2.folder, smollm2.file), {
      intraOpNumThreads: 1,
    });
    for (const [name, ids] of Object.entries(prompts))
      references.set(name as Prompt, await uneditedGreedy(unedited, ids));
    await unedited.release();
  });
  afterAll(async () => {
    await native.close();
    await binding.close();
  });

  it('decodes as the unedited file does, on both runtimes', { timeout: 180_000 }, async () => {
    for (const [name, ids] of Object.entries(prompts))
      for (const decoder of [native, binding]) {
        const sequence = await decoder.open();
        expect(await greedy(sequence, ids), `${name}, ${decoder.inspect().runtime.kind}`).toEqual(
          references.get(name as Prompt),
        );
        sequence.close();
      }
  });

  it('decodes the same with every port in the graph and all layers on', async () => {
    const sequence = await native.open({ needs: everyPort });
    const tokens = await greedy(sequence, prompts.code, new Uint8Array(layers).fill(1), {
      hiddenMeans: true,
      scores: { thrownAway: { rows: 8, reduceRows: 'max', reduceHeads: 'max' } },
    });
    expect(tokens).toEqual(references.get('code'));
    sequence.close();
  });

  it.each(['chat-1', 'chat-2', 'code'] as const)(
    'is as close to the fp32 reference of %s as its 8-bit weights allow',
    async (name) => {
      const sequence = await native.open();
      const { logits } = await sequence.forward({ ids: idsOf(name) });
      expectNearReference(logits, goldens.get(name)!);
      sequence.close();
    },
  );

  it('is so after a long prompt, whose scores keep what the reference keeps by SnapKV', async () => {
    const golden = goldens.get('needle-600')!;
    const { ids, policies } = golden;
    const [window, kernel, capacity] = [32, 7, 128];
    const reference = policies!.snapKv.kept;
    const sequence = await native.open({ needs: everyPort });
    const { logits, scores } = await sequence.forward({
      ids: Int32Array.from(ids),
      want: {
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
    expectNearReference(logits, golden);
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
    await sequence.forward({ ids: long });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(10);
    sequence.close();
  });

  it('stops in the middle of a prompt when aborted, and goes on as if nothing had been', async () => {
    const sequence = await native.open();
    const abort = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => abort.abort(reason), 20);
    await expect(sequence.forward({ ids: long, signal: abort.signal })).rejects.toBe(reason);
    expect(sequence.cache.rows(0)).toBe(0);
    expect(await greedy(sequence, long)).toEqual(references.get('long'));
    sequence.close();
  });
});
