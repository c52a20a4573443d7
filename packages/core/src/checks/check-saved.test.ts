import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SavedCache } from '../contract/cache.js';
import type { Sequence } from '../contract/decoder.js';
import { InvalidOptionsError } from '../contract/errors.js';
import { mockDecoder } from '../testing/mock/mock-decoder.js';

const decoder = mockDecoder({ layers: 2, maxPositions: 12 });

async function save(): Promise<SavedCache> {
  const sequence = await decoder.open();
  await sequence.forward({ ids: Int32Array.of(1, 2, 3, 4, 5, 6) });
  sequence.edit({ keep: (_, head) => Uint32Array.of(head, 3, 5), renumber: true });
  await sequence.forward({ ids: Int32Array.of(7) });
  return sequence.save!();
}
const empty = ({ cache }: Sequence) =>
  [cache.nextPosition, cache.nextRotaryPosition, cache.rows(0), cache.rows(1)].every(
    (value) => value === 0,
  );

const saved = await save();
const [first, second] = saved.layers;
const layer = (changes: object) => ({ ...saved, layers: [first, { ...second, ...changes }] });
const positions = (...values: number[]) => Int32Array.from(values);

test('what was saved goes on to the bit', async () => {
  const sequence = await decoder.open();
  sequence.restore!(saved);
  expect(sequence.save!()).toEqual(saved);
  const original = await decoder.open();
  await original.forward({ ids: Int32Array.of(1, 2, 3, 4, 5, 6) });
  original.edit({ keep: (_, head) => Uint32Array.of(head, 3, 5), renumber: true });
  await original.forward({ ids: Int32Array.of(7) });
  for (let id = 0; id < 5; id++) {
    const input = { ids: Int32Array.of(id) };
    const expected = [...(await original.forward(input)).logits];
    expect([...(await sequence.forward(input)).logits]).toEqual(expected);
  }
  for (const one of [original, sequence]) one.edit({ truncate: 4 });
  expect(sequence.save!()).toEqual(original.save!());
});

test('what was saved is a copy', async () => {
  const sequence = await decoder.open();
  sequence.restore!(saved);
  const copy = sequence.save!();
  copy.layers[0].keys.fill(0);
  expect(sequence.save!()).toEqual(saved);
});

test.each<[string, object]>([
  ['nextPosition', { ...saved, nextPosition: -1 }],
  ['nextPosition', { ...saved, nextPosition: 0.5 }],
  ['nextPosition', { ...saved, nextPosition: 2 ** 31 }],
  ['layers.0.positions', { ...saved, nextPosition: 6 }],
  ['layers.0.rotaryPositions', { ...saved, nextRotaryPosition: 3 }],
  ['nextRotaryPosition', { ...saved, nextRotaryPosition: 13 }],
  ['layers', { ...saved, layers: [first] }],
  ['layers', { ...saved, layers: undefined }],
  ['layers.1', { ...saved, layers: [first, null] }],
  ['layers.1.rows', layer({ rows: -1 })],
  ['layers.1.positions', layer({ rows: 3 })],
  ['layers.1.positions', layer({ positions: positions(0, 3, 5, 6, 1, 3, 3, 6) })],
  ['layers.1.positions', layer({ positions: positions(-1, 3, 5, 6, 1, 3, 5, 6) })],
  ['layers.1.positions', layer({ positions: [0, 3, 5, 6, 1, 3, 5, 6] })],
  ['layers.1.rotaryPositions', layer({ rotaryPositions: positions(0, 1, 2, 3, 0, 1, 2, 4) })],
  ['layers.1.keys', layer({ keys: new Float32Array(63) })],
  ['layers.1.values', layer({ values: new Float64Array(64) })],
  ['', { ...saved, version: 2 }],
])('what does not fit is refused (%s), and the sequence stays empty', async (path, wrong) => {
  const sequence = await decoder.open();
  const error = await Promise.resolve()
    .then(() => sequence.restore!(wrong as SavedCache))
    .catch((thrown) => thrown);
  expect(error).toBeInstanceOf(InvalidOptionsError);
  expect(error.issues[0].path).toBe(path);
  expect(empty(sequence)).toBe(true);
  sequence.restore!(saved);
  expect(sequence.save!()).toEqual(saved);
});

test('a sequence that holds anything is refused', async () => {
  const sequence = await decoder.open();
  await sequence.forward({ ids: Int32Array.of(1) });
  expect(() => sequence.restore!(saved)).toThrow('not empty');
  sequence.edit({ keep: () => new Uint32Array() });
  expect(() => sequence.restore!(saved)).toThrow('not empty');
  sequence.edit({ truncate: 0 });
  sequence.restore!(saved);
});

test('anything else is refused too, or was right', async () => {
  const number = fc.oneof(fc.integer({ min: -2, max: 14 }), fc.double(), fc.constant(undefined));
  const ints = fc.array(fc.integer({ min: -2, max: 14 }), { maxLength: 9 });
  const array = fc.oneof(
    ints.map((values) => Int32Array.from(values)),
    ints.map((values) => Float32Array.from(values)),
    fc.integer({ min: 0, max: 65 }).map((length) => new Float32Array(length)),
    fc.anything(),
  );
  const partly = <T>(right: T, wrong: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 4, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: wrong });
  const anyLayer = fc.record({
    rows: partly(first.rows, number),
    positions: partly(first.positions, array),
    rotaryPositions: partly(first.rotaryPositions, array),
    keys: partly(first.keys, array),
    values: partly(first.values, array),
  });
  const anything = fc.oneof(
    fc.record({
      nextPosition: partly(saved.nextPosition, number),
      nextRotaryPosition: partly(saved.nextRotaryPosition, number),
      layers: partly(saved.layers, fc.array(partly(first, anyLayer), { maxLength: 3 })),
    }),
    fc.anything(),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (given) => {
      const sequence = await decoder.open();
      try {
        sequence.restore!(given as SavedCache);
        expect(sequence.save!()).toEqual(given);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidOptionsError);
        expect(empty(sequence)).toBe(true);
      } finally {
        sequence.close();
      }
    }),
    { numRuns: 1000 },
  );
});
