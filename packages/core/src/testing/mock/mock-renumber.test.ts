import { expect, test } from 'vitest';
import { allCapabilities } from '../../contract/capability.js';
import type { Sequence } from '../../contract/decoder.js';
import { InvalidOptionsError, PromptError } from '../../contract/errors.js';
import { randomStream } from '../../sampling/random.js';
import { mockDecoder } from './mock-decoder.js';
import { MockLayer } from './model/mock-layer.js';

const decoder = mockDecoder();
const { layers, kvHeads, headDim, vocabulary } = decoder.shape;
const prompt = Int32Array.from({ length: 24 }, (_, i) => (i * 37 + 11) % vocabulary);
const one = (id: number) => Int32Array.of(id);
const all = (rows: number) => Uint32Array.from({ length: rows }, (_, row) => row);

async function read(ids: Int32Array, from = decoder): Promise<Sequence> {
  const sequence = await from.open({ needs: allCapabilities });
  await sequence.forward({ ids, want: { logits: 'none' } });
  return sequence;
}
async function next(sequence: Sequence, id = 5): Promise<number[]> {
  return [...(await sequence.forward({ ids: one(id) })).logits];
}
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

test('numbering a whole cache anew changes no bit', async () => {
  const sequence = await read(prompt);
  const before = sequence.save!();
  sequence.edit({ keep: () => all(prompt.length), renumber: true });
  expect(sequence.save!()).toEqual(before);
  expect(await next(sequence)).toEqual(await next(await read(prompt)));
});

test('where the first rows go, the first layer holds and attends to what a prompt without them has', async () => {
  const dropped = 7;
  const sequence = await read(prompt);
  sequence.edit({ keep: () => all(prompt.length).subarray(dropped), renumber: true });
  const fresh = await read(prompt.subarray(dropped));
  expect(sequence.cache.nextRotaryPosition).toBe(fresh.cache.nextPosition);
  expect([...sequence.cache.positions(0, 0)].at(0)).toBe(dropped);
  expect(distance(sequence.cache.keys(0), fresh.cache.keys(0))).toBeLessThan(1e-5);
  expect(sequence.cache.values(0)).toEqual(fresh.cache.values(0));
  const want = {
    scores: { a: { rows: 2, layers: [0], reduceRows: 'sum', reduceHeads: 'none' } },
  } as const;
  const ids = Int32Array.of(4, 5);
  const [own, expected] = [
    await sequence.forward({ ids, want }),
    await fresh.forward({ ids, want }),
  ];
  expect(distance(own.scores!.a.get(0)!, expected.scores!.a.get(0)!)).toBeLessThan(1e-5);
  // Later layers remember what the dropped tokens changed.
  expect(distance(own.logits, expected.logits)).toBeGreaterThan(0.01);
});

test('it decodes as from a saved cache whose keys were turned by hand', async () => {
  const kept = (layer: number, head: number) =>
    all(prompt.length - 1).filter((row) => (row + head) % 3 !== 0 || row < layer);
  const equal = (layer: number, head: number) =>
    kept(layer, head).subarray(-Math.min(kept(layer, 0).length, kept(layer, 1).length));
  const sequence = await read(prompt);
  sequence.edit({ keep: equal });
  const saved = sequence.save!();
  const most = Math.max(...saved.layers.map(({ rows }) => rows));
  const turned = saved.layers.map((layer) => {
    const { rows, keys, rotaryPositions } = layer;
    const positions = rotaryPositions.map((_, i) => most - rows + (i % rows));
    return {
      ...layer,
      rotaryPositions: positions,
      keys: keys.map((_, i) => {
        const row = Math.floor(i / headDim);
        const pair = i % (headDim / 2);
        const angle = (positions[row] - rotaryPositions[row]) * 10_000 ** ((-2 * pair) / headDim);
        const first = keys[row * headDim + pair];
        const second = keys[row * headDim + pair + headDim / 2];
        return i % headDim === pair
          ? first * Math.cos(angle) - second * Math.sin(angle)
          : second * Math.cos(angle) + first * Math.sin(angle);
      }),
    };
  });
  const restored = await decoder.open({ needs: allCapabilities });
  restored.restore!({ nextPosition: prompt.length, nextRotaryPosition: most, layers: turned });
  sequence.edit({ keep: (layer) => all(sequence.cache.rows(layer)), renumber: true });
  for (let layer = 0; layer < layers; layer++)
    expect(distance(restored.cache.keys(layer), sequence.cache.keys(layer))).toBeLessThan(1e-5);
  for (let id = 0; id < 6; id++)
    expect(distance(await next(restored, id), await next(sequence, id))).toBeLessThan(1e-3);
});

test('a bounded cache goes on past the context, and only a rotary position past it ends', async () => {
  const short = mockDecoder({ maxPositions: 16 });
  const sequence = await read(prompt.subarray(0, 12), short);
  const { bytes } = await bounded(sequence);
  for (let step = 0; step < 40; step++) {
    await next(sequence, step);
    if (sequence.cache.nextRotaryPosition === 16)
      expect((await bounded(sequence)).bytes).toBe(bytes);
  }
  expect(sequence.cache.nextPosition).toBe(52);
  const error = await read(prompt.subarray(0, 17), short).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(PromptError);
  const full = await read(prompt.subarray(0, 16), short);
  full.edit({ keep: () => all(8) });
  await expect(next(full)).rejects.toThrow(PromptError);
  const copy = await short.open();
  copy.restore!(full.save!());
  await expect(next(copy)).rejects.toThrow('position 16 is past');
});

/** Keeps the newest 8 rows, numbered anew, with room for 8. */
async function bounded(sequence: Sequence): Promise<{ bytes: number }> {
  const { cache } = sequence;
  sequence.edit({
    keep: (layer) => all(cache.rows(layer)).subarray(-8),
    renumber: true,
    rowsAhead: 8,
  });
  expect(cache.bytes).toBe(layers * 2 * kvHeads * headDim * 4 * 16);
  return { bytes: cache.bytes };
}

test('a token fed again is numbered with the kept rows, at the position it had', async () => {
  const sequence = await read(prompt);
  sequence.edit({ keep: () => Uint32Array.of(0, 9, 20), refeed: 1, renumber: true, rowsAhead: 2 });
  expect([sequence.cache.nextPosition, sequence.cache.nextRotaryPosition]).toEqual([23, 3]);
  await next(sequence, prompt[23]);
  expect([...sequence.cache.positions(2, 1)]).toEqual([0, 9, 20, 23]);
  expect([...sequence.save!().layers[2].rotaryPositions.slice(0, 4)]).toEqual([0, 1, 2, 3]);
});

test('given positions are original ones, and may not fall among the rows', async () => {
  const sequence = await read(prompt);
  sequence.edit({ keep: () => Uint32Array.of(0, 9, 20), renumber: true });
  const at = (position: number) =>
    sequence.forward({ ids: one(1), positions: Int32Array.of(position) });
  await expect(at(21)).rejects.toThrow(InvalidOptionsError);
  await at(26);
  expect(sequence.cache.nextPosition).toBe(27);
  expect([...sequence.save!().layers[0].rotaryPositions.slice(0, 4)]).toEqual([0, 1, 2, 5]);
});

test('a key that was turned 1,000 times is off by roundings only', () => {
  const random = randomStream(1, 'drift');
  const layer = new MockLayer({ kvHeads: 1, headDim }, 64);
  for (let row = 0; row < 64; row++) layer.append(row, row);
  const before = layer.keys.map(() => 4 * random() - 2);
  layer.keys.set(before);
  for (let turn = 0; turn < 1000; turn++) layer.renumber(Math.floor(random() * 4000));
  layer.renumber(0);
  expect(distance(layer.keys, before)).toBeGreaterThan(0);
  expect(distance(layer.keys, before)).toBeLessThan(1e-4);
});

test('equal decoders have equal fingerprints, others have others', async () => {
  const of = [
    mockDecoder(),
    mockDecoder({ capabilities: ['fork'] }),
    mockDecoder({ seed: 1 }),
    mockDecoder({ layers: 3 }),
    mockDecoder({ maxPositions: 64 }),
    mockDecoder().draft({ layers: 2 }),
  ];
  const [plain, same, ...others] = await Promise.all(of.map((one) => one.fingerprint()));
  expect(same).toBe(plain);
  expect(new Set([plain, ...others]).size).toBe(5);
  expect(await mockDecoder({ layers: 2 }).fingerprint()).toBe(others.at(-1));
});
