import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InvalidOptionsError, pipeline, TensorFileError } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { layerSkip } from '../layer-skip.js';
import { firstRouter, loadFirstRouter } from './first-router.js';

const folder = mkdtempSync(path.join(tmpdir(), 'first-router-'));

/** A safetensors file as other tools write it: no texts, no checksum. */
function writeTensors(
  name: string,
  tensors: { readonly [name: string]: { shape: number[]; values: number[]; dtype?: string } },
): string {
  let offset = 0;
  const header: { [name: string]: unknown } = {};
  for (const [tensor, { shape, values, dtype = 'F32' }] of Object.entries(tensors)) {
    header[tensor] = { dtype, shape, data_offsets: [offset, offset + 4 * values.length] };
    offset += 4 * values.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([text, Buffer.alloc(-text.length & 7, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const data = Float32Array.from(Object.values(tensors).flatMap(({ values }) => values));
  const file = path.join(folder, name);
  writeFileSync(file, Buffer.concat([length, padded, Buffer.from(data.buffer)]));
  return file;
}

describe('loadFirstRouter', () => {
  it('reads a map for each layer, rows or matrices of one row, with a bias or without', async () => {
    const file = writeTensors('routers', {
      'layers.0.router.weight': { shape: [1, 3], values: [1, 2, 3] },
      'layers.0.router.bias': { shape: [1], values: [0.5] },
      'layers.1.router.weight': { shape: [3], values: [4, 5, 6] },
    });
    const { weights, biases } = await loadFirstRouter(file);
    expect(weights.map((row) => [...row])).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(biases).toEqual([0.5, 0]);
  });

  it('takes other names, and leaves tensors of other types alone', async () => {
    const file = writeTensors('named', {
      steps: { shape: [1], values: [0], dtype: 'BF16' },
      'r0.w': { shape: [1], values: [7] },
      'r0.b': { shape: [1], values: [2] },
    });
    const weight = (layer: number) => `r${layer}.w`;
    const named = await loadFirstRouter(file, { weight, bias: (layer) => `r${layer}.b` });
    expect(named).toEqual({ weights: [Float32Array.of(7)], biases: [2] });
    expect((await loadFirstRouter(file, { weight, bias: null })).biases).toEqual([0]);
    // @ts-expect-error: a bias that is not named would be lost
    await expect(loadFirstRouter(file, { weight })).rejects.toThrow('names.bias');
  });

  it.each([
    [
      'no router',
      { other: { shape: [1], values: [1] } },
      "has no F32 tensor 'layers.0.router.weight'",
    ],
    [
      'a matrix',
      { 'layers.0.router.weight': { shape: [2, 2], values: [1, 2, 3, 4] } },
      'is no F32 tensor of a router: [2,2]',
    ],
    [
      'another type',
      { 'layers.0.router.weight': { shape: [1], values: [1], dtype: 'BF16' } },
      "has no F32 tensor 'layers.0.router.weight'",
    ],
  ])('refuses a file with %s', async (name, tensors, message) => {
    const loading = loadFirstRouter(writeTensors(name, tensors));
    await expect(loading).rejects.toThrow(TensorFileError);
    await expect(loading).rejects.toThrow(message);
  });

  it('refuses a file that is none', async () => {
    const file = path.join(folder, 'text');
    writeFileSync(file, 'not a safetensors file');
    await expect(loadFirstRouter(file)).rejects.toThrow(TensorFileError);
  });
});

describe('firstRouter', () => {
  const layers = 6;
  const hidden = 32;
  /** Layers whose bias is low want to be skipped, whatever the prompt. */
  const weightsFor = (biases: readonly number[]) => ({
    weights: biases.map(() => new Float32Array(hidden)),
    biases,
  });

  it('refuses numbers that are none', () => {
    const { weights, biases } = weightsFor([0, 0]);
    weights[1][3] = Number.NaN;
    expect(() => firstRouter({ weights, biases })).toThrow(InvalidOptionsError);
    expect(() => firstRouter(weightsFor([0, Number.POSITIVE_INFINITY]))).toThrow('weights.1');
  });

  it('costs sigmoid(w . mean + b)', () => {
    const decoder = mockDecoder({ layers: 2 });
    const { costs } = firstRouter({
      weights: [Float32Array.of(1, -2), Float32Array.of(0.5, 0)],
      biases: [0, 1],
    });
    const evidence = { promptTokens: 1, hiddenMeans: Float32Array.of(3, 1, 2, 9) };
    const [a, b] = costs(decoder, evidence, undefined);
    expect(a).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
    expect(b).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
  });

  it('skips the layers below 0.5, of those that are not protected, or exactly as many as asked for', async () => {
    const router = firstRouter(weightsFor([-9, -9, -9, -2, -1, -9]));
    const skippedBy = async (options: Parameters<typeof layerSkip<'hidden.means'>>[0]) => {
      const decoder = mockDecoder({ layers });
      await pipeline(decoder, { tokenizer: mockTokenizer() })
        .use(layerSkip(options))
        .generate({ text: 'Where is the key?' }, { maxNewTokens: 3 });
      return decoder.calls.at(-1)!.layers!;
    };
    expect(await skippedBy({ selector: router })).toEqual([1, 1, 1, 0, 0, 1]);
    expect(await skippedBy({ selector: router, skip: 1 })).toEqual([1, 1, 1, 0, 1, 1]);
    expect(await skippedBy({ selector: router, threshold: 0.2, protect: [] })).toEqual([
      1, 0, 0, 0, 1, 0,
    ]);
    expect(await skippedBy({ selector: router, threshold: 0.01, atLeast: 1 })).toEqual([
      1, 1, 1, 0, 1, 1,
    ]);
  });

  it('refuses a model of another size', () => {
    const stack = pipeline(mockDecoder({ layers }), { tokenizer: mockTokenizer() });
    expect(() => stack.use(layerSkip({ selector: firstRouter(weightsFor([1, 1])) }))).toThrow(
      "option 'weights': of 2 layers; decoder 'mock-0' has 6",
    );
    const narrow = {
      weights: Array(layers).fill(new Float32Array(3)),
      biases: Array(layers).fill(0),
    };
    expect(() => stack.use(layerSkip({ selector: firstRouter(narrow) }))).toThrow(
      "'weights.0': 3 of them; the hidden size of decoder 'mock-0' is 32",
    );
    expect(() => firstRouter({ weights: [], biases: [1] })).toThrow("option 'biases'");
  });
});
