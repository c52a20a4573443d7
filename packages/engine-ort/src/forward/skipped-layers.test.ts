import { argmax } from '@pliant/core';
import type { SavedCache } from '@pliant/core/engine';
import { describe, expect, it } from 'vitest';
import {
  largestDifference,
  openTiny,
  readGolden,
  runtimes,
  sharedTiny,
  tinyModels,
} from '../goldens.test.support.js';

const skipped = [1, 2];

describe.each(runtimes)('%s runtime', (runtime) => {
  it.each(tinyModels)('cuts layers of %s out as gates skip them', async (model) => {
    const ids = Int32Array.from(readGolden(model).prompts.short.ids);
    const runs: number[][] = [];
    for (const skipping of ['gates', 'cut'] as const) {
      const decoder = await openTiny(model, { runtime, skipping });
      const layers = new Uint8Array(decoder.shape.layers).fill(1);
      for (const layer of skipped) layers[layer] = 0;
      const sequence = await decoder.open({ needs: ['layers.skip', 'hidden.means'] });
      const read = await sequence.forward({ ids });
      let next = argmax(read.logits);
      const logits: number[] = [];
      for (let step = 0; step < 4; step++) {
        const want = { hiddenMeans: step === 0 };
        const output = await sequence.forward({ ids: Int32Array.of(next), layers, want });
        logits.push(...output.logits, ...(output.hiddenMeans ?? []));
        next = argmax(output.logits);
      }
      const rows = [...layers.keys()].map((layer) => sequence.cache.rows(layer));
      expect(rows).toEqual([...layers].map((gate) => ids.length + 4 * gate));
      // The last layer can be left out as well, and the sequence goes on with all of them.
      const last = Uint8Array.from(layers, (_, layer) => (layer === layers.length - 1 ? 0 : 1));
      logits.push(...(await sequence.forward({ ids: Int32Array.of(next), layers: last })).logits);
      logits.push(...(await sequence.forward({ ids: Int32Array.of(next) })).logits);
      const layerScales = new Float32Array(layers.length).fill(1.25);
      const scaled = { ids: Int32Array.of(next), layers, layerScales };
      logits.push(...(await sequence.forward(scaled)).logits);
      runs.push(logits);
      expect(decoder.inspect().sessions.slice(-2)).toEqual(
        skipping === 'gates'
          ? ['gates+hiddenMeans']
          : ['hiddenMeans', 'hiddenMeans+scaled without 1, 2'],
      );
    }
    runs[0].forEach((value, i) => {
      expect(runs[1][i]).toBeCloseTo(value, 4);
    });
  });

  it.each(['gates', 'cut'] as const)(
    'never reads what a layer skipped by %s holds',
    async (skipping) => {
      const decoder = await sharedTiny('tiny-llama', { runtime, skipping });
      const ids = Int32Array.from(readGolden('tiny-llama').prompts.short.ids);
      const sequence = await decoder.open({ needs: ['layers.skip'] });
      await sequence.forward({ ids });
      const poisoned = await decoder.open({ needs: ['layers.skip'] });
      poisoned.restore!(poison(sequence.save!()));
      const layers = Uint8Array.from({ length: decoder.shape.layers }, (_, layer) =>
        skipped.includes(layer) ? 0 : 1,
      );
      for (const id of [3, 5, 7]) {
        const input = { ids: Int32Array.of(id), layers };
        const expected = (await sequence.forward(input)).logits.slice();
        expect((await poisoned.forward(input)).logits).toEqual(expected);
      }
      // A layer that runs does read them.
      const { logits } = await poisoned.forward({ ids: Int32Array.of(1) });
      expect(logits.every(Number.isFinite)).toBe(false);
    },
  );

  it.each(['gates', 'cut'] as const)(
    'scales the state in layers skipped by %s',
    async (skipping) => {
      const decoder = await sharedTiny('tiny-llama', { runtime, skipping });
      const count = decoder.shape.layers;
      const ids = Int32Array.from(readGolden('tiny-llama').prompts.short.ids);
      const sequence = await decoder.open({ needs: ['layers.skip'] });
      const { nextPosition } = sequence.cache;
      const logitsOf = async (layers: Uint8Array, scale?: number) => {
        const layerScales = scale === undefined ? undefined : new Float32Array(count).fill(scale);
        const { logits } = await sequence.forward({ ids, layers, layerScales });
        sequence.edit({ truncate: nextPosition });
        return logits.slice();
      };
      const onlyFirst = Uint8Array.from({ length: count }, (_, layer) => (layer === 0 ? 1 : 0));
      const withoutTwo = Uint8Array.from({ length: count }, (_, layer) =>
        skipped.includes(layer) ? 0 : 1,
      );
      const plain = await logitsOf(withoutTwo);
      expect(largestDifference(await logitsOf(withoutTwo, 1), plain)).toBeLessThan(1e-5);
      expect(largestDifference(await logitsOf(withoutTwo, 3), plain)).toBeGreaterThan(0.01);
      // Contributions of later layers hardly count, so in the end they are as good as skipped.
      const far = largestDifference(await logitsOf(withoutTwo, 1e3), await logitsOf(onlyFirst));
      expect(far).toBeLessThan(0.01);
      const refused = { ids, layers: withoutTwo, layerScales: new Float32Array(count) };
      await expect(sequence.forward(refused)).rejects.toThrow(
        "option 'layerScales': must be numbers above 0",
      );
    },
  );

  it.each(['gates', 'cut'] as const)('frees the rows of layers skipped by %s', async (skipping) => {
    const decoder = await sharedTiny('tiny-llama', { runtime, skipping });
    const golden = readGolden('tiny-llama').prompts.long!;
    const ids = Int32Array.from([...golden.ids, ...golden.ids]);
    const layers = Uint8Array.from({ length: decoder.shape.layers }, (_, layer) =>
      skipped.includes(layer) ? 0 : 1,
    );
    const needs = ['layers.skip'] as const;
    const [whole, freed] = [await decoder.open({ needs }), await decoder.open({ needs })];
    for (const sequence of [whole, freed]) await sequence.forward({ ids });
    const before = freed.cache.bytes;
    const rows = Uint32Array.from(ids, (_, row) => row);
    freed.edit({ keep: (layer) => (layers[layer] ? rows : new Uint32Array()) });
    for (const id of [3, 5, 7]) {
      const input = { ids: Int32Array.of(id), layers };
      const expected = (await whole.forward(input)).logits.slice();
      expect((await freed.forward(input)).logits).toEqual(expected);
    }
    const share = skipped.length / layers.length;
    expect(freed.cache.bytes).toBeLessThan((1 - share) * before * 1.05 + 4096);
    whole.close();
    freed.close();
  });
});

function poison(saved: SavedCache): SavedCache {
  const layers = saved.layers.map((layer, at) =>
    skipped.includes(at)
      ? {
          ...layer,
          keys: layer.keys.map(() => Number.NaN),
          values: layer.values.map(() => Number.NaN),
        }
      : layer,
  );
  return { ...saved, layers };
}
