import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { MissingCapabilityError, type Sequence } from '@pliant/core';
import type { SavedCache } from '@pliant/core/engine';
import { fixturePath, readJson } from '@pliant/fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrtDecoder } from '../decoder.js';
import {
  largestDifference,
  openTiny,
  readGolden,
  runtimes,
  sharedTiny,
} from '../goldens.test.support.js';
import { ModelProtoSchema } from '../graph/onnx/onnx_pb.js';
import { openDecoder } from '../open-decoder.js';

const ids = Int32Array.from(readGolden('tiny-llama').prompts.long!.ids);
const all = (rows: number) => Uint32Array.from({ length: rows }, (_, row) => row);
const one = (id: number) => Int32Array.of(id);

/** tiny-llama with the other layout of pairs: another model, as good as any. */
let interleaved: string;
let interleavedDecoder: OrtDecoder;
beforeAll(async () => {
  interleaved = mkdtempSync(path.join(os.tmpdir(), 'pliant-'));
  const file = fixturePath('models/tiny-llama/onnx/model.onnx');
  const model = fromBinary(ModelProtoSchema, readFileSync(file));
  for (const { attribute } of model.graph!.node)
    for (const entry of attribute) if (entry.name === 'rotary_interleaved') entry.i = 1n;
  writeFileSync(path.join(interleaved, 'model.onnx'), toBinary(ModelProtoSchema, model));
  interleavedDecoder = await openDecoder(interleaved, { threads: 1 });
});
afterAll(async () => {
  await interleavedDecoder.close();
  rmSync(interleaved, { recursive: true });
});

/** How a model rotates: read from its config, not from its tables. */
interface Rotation {
  readonly theta: number;
  readonly dimensions: number;
  readonly interleaved: boolean;
  /** [layers], 0 where keys are not rotated; absent: all are. */
  readonly layers?: readonly number[];
}

const models = [
  'tiny-llama',
  'tiny-qwen2',
  'tiny-qwen3',
  'tiny-phi3',
  'tiny-smollm3',
  'tiny-granite',
  'interleaved',
] as const;

async function open(model: (typeof models)[number]): Promise<[OrtDecoder, Rotation]> {
  const variant = model === 'interleaved';
  const decoder = variant ? interleavedDecoder : await sharedTiny(model, { runtime: 'native' });
  const config = readJson<{
    rope_parameters: { rope_theta: number; partial_rotary_factor?: number };
    no_rope_layers?: number[];
  }>(`models/${variant ? 'tiny-llama' : model}/config.json`);
  const { rope_theta: theta, partial_rotary_factor: share = 1 } = config.rope_parameters;
  const dimensions = decoder.shape.headDim * share;
  return [decoder, { theta, dimensions, interleaved: variant, layers: config.no_rope_layers }];
}

async function read(decoder: OrtDecoder, prompt: Int32Array): Promise<Sequence> {
  const sequence = await decoder.open({ needs: ['scores'] });
  await sequence.forward({ ids: prompt, want: { logits: 'none' } });
  return sequence;
}

/** The saved cache with its keys turned to the positions that `renumber` gives, by the formula. */
function renumbered(saved: SavedCache, headDim: number, rotation: Rotation): SavedCache {
  const { theta, dimensions, layers } = rotation;
  const most = Math.max(...saved.layers.map(({ rows }) => rows));
  return {
    ...saved,
    nextRotaryPosition: most,
    layers: saved.layers.map((layer, at) => {
      const { rows } = layer;
      const keys = layer.keys.slice();
      const rotaryPositions = layer.rotaryPositions.map((_, i) => most - rows + (i % rows));
      rotaryPositions.forEach((to, row) => {
        for (let pair = 0; layers?.[at] !== 0 && pair < dimensions / 2; pair++) {
          const angle = (to - layer.rotaryPositions[row]) * theta ** ((-2 * pair) / dimensions);
          const a = row * headDim + (rotation.interleaved ? 2 * pair : pair);
          const b = a + (rotation.interleaved ? 1 : dimensions / 2);
          const [x, y] = [keys[a], keys[b]];
          keys[a] = x * Math.cos(angle) - y * Math.sin(angle);
          keys[b] = y * Math.cos(angle) + x * Math.sin(angle);
        }
      });
      return { ...layer, keys, rotaryPositions };
    }),
  };
}

describe.each(models)('numbering rows anew on %s', (model) => {
  it('changes no bit of a whole cache', async () => {
    const [decoder] = await open(model);
    const sequence = await read(decoder, ids);
    const before = sequence.save!();
    sequence.edit({ keep: () => all(ids.length), renumber: true });
    expect(sequence.save!()).toEqual(before);
  });

  it('leaves the first layer as a prompt without the dropped rows would', async () => {
    const [decoder] = await open(model);
    const dropped = 7;
    const sequence = await read(decoder, ids);
    sequence.edit({ keep: () => all(ids.length).subarray(dropped), renumber: true });
    const fresh = await read(decoder, ids.slice(dropped));
    expect(sequence.cache.nextRotaryPosition).toBe(ids.length - dropped);
    expect(sequence.cache.nextPosition).toBe(ids.length);
    const difference = largestDifference(sequence.cache.keys(0), fresh.cache.keys(0));
    expect(difference).toBeLessThan(1e-5);
    const input = {
      ids: Int32Array.of(4, 5),
      want: { scores: { a: { rows: 2, layers: [0], reduceRows: 'sum', reduceHeads: 'none' } } },
    } as const;
    const [own, expected] = [await sequence.forward(input), await fresh.forward(input)];
    const [scores, expectedScores] = [own.scores!.a.get(0)!, expected.scores!.a.get(0)!];
    expect(largestDifference(scores, expectedScores)).toBeLessThan(1e-5);
  });

  it('decodes as from a cache whose keys were turned by the formula', async () => {
    const [decoder, rotation] = await open(model);
    const { layers, headDim } = decoder.shape;
    const sequence = await read(decoder, ids);
    sequence.edit({ keep: (layer, head) => all(20 - layer).map((i) => 3 * i + head) });
    const restored = await decoder.open({ needs: ['scores'] });
    restored.restore!(renumbered(sequence.save!(), headDim, rotation));
    sequence.edit({ keep: (layer) => all(sequence.cache.rows(layer)), renumber: true });
    for (let layer = 0; layer < layers; layer++) {
      const [own, expected] = [sequence.cache.keys(layer), restored.cache.keys(layer)];
      expect(largestDifference(own, expected)).toBeLessThan(1e-4);
    }
    for (let id = 0; id < 5; id++) {
      const own = (await sequence.forward({ ids: one(id) })).logits.slice();
      const expected = (await restored.forward({ ids: one(id) })).logits;
      expect(largestDifference(own, expected)).toBeLessThan(1e-3);
    }
  });
});

describe.each(runtimes)('a cache on the %s runtime', (runtime) => {
  it('goes on past the context within its room', async () => {
    const decoder = await sharedTiny('tiny-llama', { runtime });
    const { layers, kvHeads, headDim, maxPositions } = decoder.shape;
    const prompt = new Int32Array(maxPositions - 32).fill(7);
    const sequence = await read(decoder, prompt);
    const { cache } = sequence;
    const renumber = () =>
      sequence.edit({
        keep: (layer) => all(cache.rows(layer)).subarray(-32),
        renumber: true,
        rowsAhead: 16,
      });
    const bytes = layers * 2 * kvHeads * headDim * 4 * 48;
    renumber();
    const steps = 96;
    for (let step = 1; step <= steps; step++) {
      await sequence.forward({ ids: one(step) });
      expect(cache.bytes).toBe(bytes);
      if (step % 16 === 0) renumber();
    }
    expect(cache.nextPosition).toBe(prompt.length + steps);
    expect(cache.nextPosition).toBeGreaterThan(maxPositions);
    expect(cache.nextRotaryPosition).toBe(32);
  });

  it('goes on to the bit after it was saved and restored, numbered anew or not', async () => {
    const decoder = await sharedTiny('tiny-llama', { runtime });
    for (const renumber of [undefined, true] as const) {
      const sequence = await read(decoder, ids);
      sequence.edit({ keep: (_, head) => all(20).map((i) => 2 * i + head), renumber });
      await sequence.forward({ ids: one(3) });
      const restored = await decoder.open();
      restored.restore!(sequence.save!());
      for (let id = 0; id < 8; id++) {
        const expected = (await sequence.forward({ ids: one(id) })).logits.slice();
        expect((await restored.forward({ ids: one(id) })).logits).toEqual(expected);
      }
      expect(restored.save!()).toEqual(sequence.save!());
    }
  });

  it('steps in a batch with others as alone, whatever their numbers', async () => {
    const decoder = await sharedTiny('tiny-llama', { runtime });
    const edited = await read(decoder, ids);
    edited.edit({ keep: () => all(9).map((i) => 3 * i), renumber: true, rowsAhead: 20 });
    const plain = await read(decoder, ids.slice(0, 30));
    const alone = await Promise.all([edited.fork(), plain.fork()]);
    for (let id = 0; id < 5; id++) {
      const outputs = await decoder.forwardBatch!(
        [edited, plain],
        [one(id), one(id)].map((ids) => ({ ids })),
      );
      const copies = outputs.map(({ logits }) => logits.slice());
      for (const [i, sequence] of alone.entries()) {
        const { logits } = await sequence.forward({ ids: one(id) });
        expect(largestDifference(copies[i], logits)).toBeLessThan(1e-4);
      }
    }
  });

  it('forks only what an edit keeps, and leaves the original as it was', async () => {
    const decoder = await sharedTiny('tiny-llama', { runtime });
    const sequence = await read(decoder, ids);
    const before = sequence.save!();
    const edit = { keep: () => all(12), refeed: 1, renumber: true, rowsAhead: 3 } as const;
    const fork = await sequence.fork(edit);
    expect(sequence.save!()).toEqual(before);
    const { layers, kvHeads, headDim } = decoder.shape;
    expect(fork.cache.bytes).toBe(layers * 2 * kvHeads * headDim * 4 * 16);
    sequence.edit(edit);
    expect(fork.save!()).toEqual(sequence.save!());
    const expected = (await sequence.forward({ ids: ids.slice(-1) })).logits.slice();
    expect((await fork.forward({ ids: ids.slice(-1) })).logits).toEqual(expected);
  });
});

it.each(['tiny-mistral', 'tiny-gemma3'] as const)('%s refuses it, and says why', async (model) => {
  const decoder = await openTiny(model);
  const sequence = await decoder.open();
  await sequence.forward({ ids: Int32Array.of(1, 2, 3) });
  const edit = { keep: () => Uint32Array.of(1), renumber: true } as const;
  expect(() => sequence.edit(edit)).toThrow(MissingCapabilityError);
  expect(() => sequence.edit(edit)).toThrow(/Use a model without sliding windows/);
  await expect(sequence.fork(edit)).rejects.toThrow(MissingCapabilityError);
  expect(sequence.cache.rows(0)).toBe(3);
  await expect(decoder.open({ needs: ['positions.renumber'] })).rejects.toThrow(/sliding windows/);
});
