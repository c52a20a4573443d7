import { expect, test } from 'vitest';
import type { CacheEdit } from '../../contract/cache.js';
import { allCapabilities } from '../../contract/capability.js';
import type { ForwardInput, Sequence } from '../../contract/decoder.js';
import {
  InvalidOptionsError,
  MissingCapabilityError,
  PromptError,
  StateError,
} from '../../contract/errors.js';
import { mockDecoder } from './mock-decoder.js';

const ids = Int32Array.of(1, 2, 3, 4);
const one = Int32Array.of(7);
const rows = (count: number) => Uint32Array.from({ length: count }, (_, row) => row);
const scores = { reduceRows: 'max', reduceHeads: 'max' } as const;
const mean = { reduceRows: 'mean', reduceHeads: 'mean' } as const;

async function read(options: Parameters<typeof mockDecoder>[0] = {}): Promise<Sequence> {
  const decoder = mockDecoder(options);
  const sequence = await decoder.open({ needs: options.capabilities ?? allCapabilities });
  await sequence.forward({ ids });
  return sequence;
}
const state = ({ cache }: Sequence) => ({
  next: cache.nextPosition,
  rows: Array.from({ length: cache.layers }, (_, layer) => [...cache.positions(layer, 1)]),
  keys: [...cache.keys(0)],
});

test.each<[string, ForwardInput]>([
  ['no token', { ids: new Int32Array(0) }],
  ['outside of the vocabulary', { ids: Int32Array.of(1, 300) }],
  ['outside of the vocabulary', { ids: Int32Array.of(-1) }],
  ['2 positions for 1 tokens', { ids: one, positions: Int32Array.of(4, 5) }],
  ['must ascend', { ids: one, positions: Int32Array.of(3) }],
  ['must ascend', { ids: Int32Array.of(1, 2), positions: Int32Array.of(5, 5) }],
  ['3 gates for 4 layers', { ids: one, layers: Uint8Array.of(1, 1, 1) }],
  ['layer 0 cannot be skipped', { ids: one, layers: Uint8Array.of(0, 1, 1, 1) }],
  ['0 or 1', { ids: one, layers: Uint8Array.of(1, 2, 1, 1) }],
  ['want.scores.a.rows', { ids: one, want: { scores: { a: { rows: 2, ...scores } } } }],
  ['want.scores.a.rows', { ids: one, want: { scores: { a: { rows: 0, ...scores } } } }],
  ['4 is not a layer', { ids: one, want: { scores: { a: { rows: 1, layers: [4], ...scores } } } }],
  ['future', { ids: one, want: { scores: { a: { rows: 1, future: 0, ...mean } } } }],
  ['future', { ids: one, want: { scores: { a: { rows: 1, future: 1.5, ...mean } } } }],
  ["must be 'mean'", { ids: one, want: { scores: { a: { rows: 1, future: 9, ...scores } } } }],
  [
    'cannot be combined with `future`',
    {
      ids: one,
      want: { scores: { a: { rows: 1, future: 9, rowWeights: Float32Array.of(1), ...mean } } },
    },
  ],
  [
    '1 finite numbers',
    {
      ids: one,
      want: { scores: { a: { rows: 1, rowWeights: Float32Array.of(1, 1), ...scores } } },
    },
  ],
])('a wrong forward is refused (%s) and changes nothing', async (message, input) => {
  const sequence = await read();
  const before = state(sequence);
  const expected = message === 'no token' ? 'at least one token' : message;
  const error = await sequence.forward(input).catch((thrown) => thrown);
  expect(InvalidOptionsError.isInstance(error)).toBe(true);
  expect(error.message).toContain(expected);
  expect(state(sequence)).toEqual(before);
});

test.each<[string, CacheEdit]>([
  ['row 4 of 4', { keep: () => Uint32Array.of(0, 4) }],
  ['rows must ascend', { keep: () => Uint32Array.of(2, 1) }],
  ['counts of a layer must be equal', { keep: (_, head) => Uint32Array.of(0, 1).subarray(head) }],
  ['must not be kept', { keep: () => Uint32Array.of(0, 3), refeed: 1 }],
  ['rowsAhead', { keep: () => rows(2), rowsAhead: -1 }],
  ['rowsAhead', { keep: () => rows(2), rowsAhead: 0.5 }],
  ['not a position from 0 to 4', { truncate: 5 }],
  ['not a position from 0 to 4', { truncate: 0.5 }],
])('a wrong edit is refused (%s) and changes nothing', async (message, edit) => {
  const sequence = await read();
  const before = state(sequence);
  expect(() => sequence.edit(edit)).toThrow(InvalidOptionsError);
  expect(() => sequence.edit(edit)).toThrow(message);
  expect(state(sequence)).toEqual(before);
});

test('a truncation that would leave the heads of a layer with unequal counts is refused', async () => {
  const sequence = await read();
  sequence.edit({ keep: (_, head) => Uint32Array.of(head, 2 + head) });
  expect(() => sequence.edit({ truncate: 3 })).toThrow('hold 2 and 1 rows');
  sequence.edit({ truncate: 2 });
  expect(sequence.cache.rows(0)).toBe(1);
});

test.each(allCapabilities)('without %s its use is refused, naming it', async (capability) => {
  const capabilities = allCapabilities.filter((other) => other !== capability);
  const decoder = mockDecoder({ capabilities });
  const sequence = await decoder.open({ needs: capabilities });
  await sequence.forward({ ids });
  const uses = {
    'logits.all': () => sequence.forward({ ids, want: { logits: 'all' } }),
    'logits.stepwise': () => sequence.forward({ ids, want: { stepwise: true } }),
    'positions.explicit': () => sequence.forward({ ids: one, positions: Int32Array.of(9) }),
    'kv.edit': async () => sequence.edit({ truncate: 2 }),
    'kv.read': async () => sequence.cache.keys(0),
    'kv.write': async () =>
      sequence.restore!({ nextPosition: 0, nextRotaryPosition: 0, layers: [] }),
    'positions.renumber': async () => sequence.edit({ keep: () => rows(2), renumber: true }),
    scores: () => sequence.forward({ ids: one, want: { scores: { a: { rows: 1, ...scores } } } }),
    'hidden.means': () => sequence.forward({ ids: one, want: { hiddenMeans: true } }),
    'block.influences': () => sequence.forward({ ids: one, want: { blockInfluences: true } }),
    'hidden.rows': () =>
      sequence.forward({ ids: one, want: { hiddenRows: { a: { rows: 1, layers: [4] } } } }),
    'layers.skip': () => sequence.forward({ ids: one, layers: Uint8Array.of(1, 1, 1, 1) }),
    batch: () => decoder.forwardBatch([sequence], [{ ids: one }]),
    fork: () => sequence.fork(),
  } as const;
  const error = await uses[capability]().catch((thrown) => thrown);
  expect(MissingCapabilityError.isInstance(error) && error.capability).toBe(capability);
  expect(decoder.missing?.[capability]).toContain(capability);
  await expect(decoder.open({ needs: [capability] })).rejects.toThrow(MissingCapabilityError);
  await expect(decoder.prepare([capability])).rejects.toThrow(MissingCapabilityError);
});

test('a forward that uses what open() did not list is refused', async () => {
  const sequence = await mockDecoder().open();
  await expect(sequence.forward({ ids, want: { logits: 'all' } })).rejects.toThrow("'logits.all'");
});

test('two forwards at once, or an edit or fork during one, are refused; the first goes on', async () => {
  const sequence = await read({ delay: 5 });
  const first = sequence.forward({ ids: one });
  await expect(sequence.forward({ ids: one })).rejects.toThrow(StateError);
  expect(() => sequence.edit({ truncate: 1 })).toThrow(StateError);
  await expect(sequence.fork()).rejects.toThrow(StateError);
  expect((await first).logits).toHaveLength(300);
  expect(sequence.cache.rows(0)).toBe(5);
});

test('after close everything is refused; close is safe to repeat', async () => {
  const decoder = mockDecoder();
  const sequence = await decoder.open();
  expect(decoder.openSequences).toBe(1);
  sequence.close();
  sequence.close();
  expect(decoder.openSequences).toBe(0);
  await expect(sequence.forward({ ids })).rejects.toThrow(StateError);
  expect(() => sequence.edit({ truncate: 0 })).toThrow(StateError);
  await expect(sequence.fork()).rejects.toThrow(StateError);
  const left = await decoder.open();
  await decoder.close();
  await expect(left.forward({ ids })).rejects.toThrow(StateError);
  await expect(decoder.open()).rejects.toThrow(StateError);
  await expect(decoder.prepare()).rejects.toThrow(StateError);
  expect(() => decoder.draft({ layers: 1 })).toThrow(StateError);
});

test('closing during a forward ends it with an error', async () => {
  const sequence = await read({ delay: 5 });
  const forward = sequence.forward({ ids: one });
  sequence.close();
  await expect(forward).rejects.toThrow('closed during a forward');
});

test('an abort during a forward throws its reason and leaves the cache', async () => {
  const sequence = await read({ delay: 20 });
  const before = state(sequence);
  const reason = new Error('enough');
  const controller = new AbortController();
  const forward = sequence.forward({ ids: one, signal: controller.signal });
  controller.abort(reason);
  await expect(forward).rejects.toBe(reason);
  await expect(sequence.forward({ ids: one, signal: controller.signal })).rejects.toBe(reason);
  expect(state(sequence)).toEqual(before);
});

test('failAt: the nth forward fails, the cache stays, and the next forward works', async () => {
  const decoder = mockDecoder({ failAt: 2 });
  const sequence = await decoder.open();
  await sequence.forward({ ids });
  await expect(sequence.forward({ ids: one })).rejects.toThrow('forward 2');
  expect(sequence.cache.rows(0)).toBe(4);
  await sequence.forward({ ids: one });
  expect(decoder.calls.map(({ ids: read, positions }) => [read, positions])).toEqual([
    [[...ids], [0, 1, 2, 3]],
    [[7], [4]],
    [[7], [4]],
  ]);
});

test('past the context is a PromptError', async () => {
  const sequence = await read({ maxPositions: 5 });
  await expect(sequence.forward({ ids: Int32Array.of(1, 2) })).rejects.toThrow(PromptError);
  await sequence.forward({ ids: one });
  await expect(sequence.forward({ ids: one })).rejects.toThrow("past the model's context");
});

test('a wrong batch is refused before anything is read', async () => {
  const decoder = mockDecoder();
  const [a, b] = [await decoder.open(), await decoder.open()];
  const input = { ids: one };
  const foreign = await mockDecoder().open();
  const refused = [
    decoder.forwardBatch([a, a], [input, input]),
    decoder.forwardBatch([a, foreign], [input, input]),
    decoder.forwardBatch([a, b], [input]),
    decoder.forwardBatch([a, b], [input, { ids }]),
    decoder.forwardBatch([a, b], [input, { ids: Int32Array.of(999) }]),
  ];
  for (const forward of refused) await expect(forward).rejects.toThrow(InvalidOptionsError);
  expect([a.cache.rows(0), b.cache.rows(0), decoder.calls.length]).toEqual([0, 0, 0]);
  await decoder.forwardBatch([a, b], [input, input]);
});

test('wrong options are refused with their path', () => {
  expect(() => mockDecoder({ layers: 1 })).toThrow("option 'layers'");
  expect(() => mockDecoder({ failAt: 0 })).toThrow("option 'failAt'");
  expect(() => mockDecoder({ seed: 1, ...{ sed: 1 } })).toThrow('sed');
});
