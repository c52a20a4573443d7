import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allCapabilities } from '../../contract/capability.js';
import type { Decoder, ForwardInput, Sequence } from '../../contract/decoder.js';
import { mockDecoder } from './mock-decoder.js';

const decoder = mockDecoder();
const { layers, kvHeads, heads, headDim, hidden, vocabulary } = decoder.shape;
const open = (from: Decoder = decoder) => from.open({ needs: allCapabilities });
const prompt = Int32Array.from({ length: 24 }, (_, i) => (i * 37 + 11) % vocabulary);
const one = (id: number) => Int32Array.of(id);

async function logitsOf(sequence: Sequence, input: ForwardInput): Promise<number[]> {
  return [...(await sequence.forward(input)).logits];
}
async function read(ids: Int32Array): Promise<Sequence> {
  const sequence = await open();
  await sequence.forward({ ids, want: { logits: 'none' } });
  return sequence;
}
const all = (rows: number) => Uint32Array.from({ length: rows }, (_, row) => row);
const text = fc
  .array(fc.integer({ min: 0, max: vocabulary - 1 }), { minLength: 2, maxLength: 24 })
  .map((ids) => Int32Array.from(ids));

test('a prompt in chunks gives the logits of one forward, row by row', async () => {
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      async (ids, sizes) => {
        const want = { logits: 'all' } as const;
        const whole = await logitsOf(await open(), { ids, want });
        expect(whole).toHaveLength(ids.length * vocabulary);
        const chunked = await open();
        const parts: number[] = [];
        for (let from = 0; from < ids.length; ) {
          const to = from + sizes.next().value;
          parts.push(...(await logitsOf(chunked, { ids: ids.subarray(from, to), want })));
          from = to;
        }
        expect(parts).toEqual(whole);
        expect(whole.slice(-vocabulary)).toEqual(await logitsOf(await open(), { ids }));
      },
    ),
    { numRuns: 20 },
  );
});

test('a prompt read again gives the same, whatever became of the sequence and output before', async () => {
  const ids = prompt.map((id) => (id + 1) % vocabulary);
  const scores = { a: { rows: 3, reduceRows: 'sum', reduceHeads: 'mean' } } as const;
  const want = { scores, hiddenMeans: true, blockInfluences: true };
  const before = decoder.calls.length;
  const first = await open();
  const output = await first.forward({ ids, want });
  const expected = structuredClone({ ...output, saved: first.save!(), bytes: first.cache.bytes });
  for (const values of [output.logits, output.hiddenMeans!, output.scores!.a.get(1)!])
    values.fill(0);
  await first.forward({ ids: one(5) });
  first.edit({ keep: () => all(3) });
  for (let time = 0; time < 2; time++) {
    const again = await open();
    const repeated = await again.forward({ ids, want });
    expect({ ...repeated, saved: again.save!(), bytes: again.cache.bytes }).toEqual(expected);
    again.edit({ truncate: 5 });
    repeated.hiddenMeans!.fill(1);
  }
  expect(decoder.calls.length).toBe(before + 4);
  // What is left of a longer text is its room: the cache is not as a new one.
  const other = ids.map((id) => (id + 1) % vocabulary);
  const grown = await open();
  await grown.forward({ ids: Int32Array.of(...other, ...other) });
  grown.edit({ truncate: 0 });
  await grown.forward({ ids: other });
  const small = await open();
  await small.forward({ ids: other });
  expect(small.cache.bytes).toBe(expected.bytes);
  expect(grown.cache.bytes).toBeGreaterThan(expected.bytes);
  // What the layers read anew give: more tokens after the same ones, in a cache that is not empty.
  const chunked = await open();
  await chunked.forward({ ids: ids.subarray(0, 9) });
  expect(await logitsOf(chunked, { ids: ids.subarray(9) })).toEqual([...expected.logits]);
});

test('keeping every row changes nothing; dropping any row of any layer and head changes the logits', async () => {
  const plain = await logitsOf(await read(prompt), { ids: one(5) });
  const same = await read(prompt);
  same.edit({ keep: (layer) => all(same.cache.rows(layer)) });
  expect(await logitsOf(same, { ids: one(5) })).toEqual(plain);
  for (let layer = 0; layer < layers; layer++)
    for (let row = 0; row < prompt.length; row += 5) {
      const edited = await read(prompt);
      edited.edit({
        keep: (l) => all(prompt.length).filter((r) => l !== layer || r !== row),
      });
      expect(edited.cache.rows(layer)).toBe(prompt.length - 1);
      expect(edited.cache.nextPosition).toBe(prompt.length);
      expect(await logitsOf(edited, { ids: one(5) })).not.toEqual(plain);
    }
});

test('heads keep different rows at their original positions, and their keys and values move with them', async () => {
  const sequence = await read(prompt);
  const before = sequence.cache.keys(1);
  sequence.edit({
    keep: (layer, head) =>
      layer === 1 ? Uint32Array.of(2 + head, 7, 20 + head) : all(prompt.length),
  });
  expect([...sequence.cache.positions(1, 0)]).toEqual([2, 7, 20]);
  expect([...sequence.cache.positions(1, 1)]).toEqual([3, 7, 21]);
  const row = (keys: Float32Array, rows: number, head: number, index: number) =>
    [...keys].slice((head * rows + index) * headDim, (head * rows + index + 1) * headDim);
  expect(row(sequence.cache.keys(1), 3, 1, 2)).toEqual(row(before, prompt.length, 1, 21));
  expect(sequence.cache.values(1)).toHaveLength(kvHeads * 3 * headDim);
});

test('truncating and feeding again gives the same logits, also by refeed', async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.nat(), async (ids, at) => {
      const cut = at % ids.length;
      const sequence = await open();
      const first = await logitsOf(sequence, { ids });
      sequence.edit({ truncate: cut });
      expect(sequence.cache.rows(0)).toBe(cut);
      expect(await logitsOf(sequence, { ids: ids.subarray(cut) })).toEqual(first);
      sequence.edit({ keep: () => all(ids.length - 1), refeed: 1 });
      expect(await logitsOf(sequence, { ids: ids.subarray(-1) })).toEqual(first);
    }),
    { numRuns: 20 },
  );
});

test('explicit positions: the default ones change nothing, a gap does, and the next position follows', async () => {
  const ids = prompt.subarray(0, 3);
  const plain = await logitsOf(await open(), { ids });
  const same = await logitsOf(await open(), { ids, positions: Int32Array.of(0, 1, 2) });
  expect(same).toEqual(plain);
  const gap = await open();
  expect(await logitsOf(gap, { ids, positions: Int32Array.of(0, 1, 9) })).not.toEqual(plain);
  expect(gap.cache.nextPosition).toBe(10);
  // Rotary attention sees only distances.
  const shifted = await logitsOf(await open(), { ids, positions: Int32Array.of(50, 51, 52) });
  shifted.forEach((logit, id) => {
    expect(logit).toBeCloseTo(plain[id], 5);
  });
});

test('a batch equals the forwards one by one, sequences of different lengths', async () => {
  const lengths = [1, 7, 24];
  const inputs = lengths.map((length) => ({ ids: one(length) }));
  const singles = await Promise.all(
    lengths.map(async (length, i) => logitsOf(await read(prompt.subarray(0, length)), inputs[i])),
  );
  const sequences = await Promise.all(lengths.map((length) => read(prompt.subarray(0, length))));
  const outputs = await decoder.forwardBatch(sequences, inputs);
  expect(outputs.map(({ logits }) => [...logits])).toEqual(singles);
  expect(decoder.calls.slice(-3).map(({ batch }) => batch)).toEqual([3, 3, 3]);
});

test('a fork goes on as the original does, and neither sees the other', async () => {
  const original = await read(prompt);
  const fork = await original.fork();
  await fork.forward({ ids: Int32Array.of(1, 2, 3) });
  const expected = await logitsOf(await read(prompt), { ids: one(9) });
  expect(await logitsOf(original, { ids: one(9) })).toEqual(expected);
  fork.edit({ truncate: prompt.length });
  expect(await logitsOf(fork, { ids: one(9) })).toEqual(expected);
});

test('gates all 1 equal none; a skipped layer writes no row, has no scores and hidden means 0', async () => {
  const plain = await logitsOf(await read(prompt), { ids: one(5) });
  const gates = new Uint8Array(layers).fill(1);
  expect(await logitsOf(await read(prompt), { ids: one(5), layers: gates })).toEqual(plain);
  for (let skipped = 1; skipped < layers; skipped++) {
    const sequence = await read(prompt);
    const { logits, scores, hiddenMeans } = await sequence.forward({
      ids: one(5),
      layers: gates.map((_, layer) => (layer === skipped ? 0 : 1)),
      want: {
        hiddenMeans: true,
        scores: { test: { rows: 1, reduceRows: 'sum', reduceHeads: 'none' } },
      },
    });
    expect([...logits]).not.toEqual(plain);
    for (let layer = 0; layer < layers; layer++) {
      const runs = layer !== skipped;
      expect(sequence.cache.rows(layer)).toBe(prompt.length + (runs ? 1 : 0));
      expect(scores!.test.has(layer)).toBe(runs);
      const means = hiddenMeans!.subarray(layer * hidden, (layer + 1) * hidden);
      expect(means.some((mean) => mean !== 0)).toBe(runs);
    }
    await sequence.forward({ ids: one(6) });
    expect(sequence.cache.rows(skipped)).toBe(prompt.length + 1);
    sequence.edit({ truncate: prompt.length });
    expect(sequence.cache.rows(skipped)).toBe(prompt.length);
  }
});

test('the scores of a row sum to 1 in every head, over all rows of the layer, and are 0 for later keys', async () => {
  const sequence = await read(prompt);
  const ids = Int32Array.of(4, 5, 6);
  const none = { reduceRows: 'sum', reduceHeads: 'none' } as const;
  const { scores } = await sequence.forward({
    ids,
    want: {
      scores: {
        last: { rows: 1, layers: [0, 3], ...none },
        third: { rows: 3, rowWeights: Float32Array.of(1, 0, 0), ...none },
        weighted: { rows: 2, rowWeights: Float32Array.of(2, 3), ...none },
      },
    },
  });
  expect([...scores!.last.keys()]).toEqual([0, 3]);
  const total = prompt.length + ids.length;
  const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);
  for (let head = 0; head < heads; head++) {
    const of = (name: string) => scores![name].get(3)!.subarray(head * total, (head + 1) * total);
    expect(sum(of('last'))).toBeCloseTo(1, 6);
    expect(sum(of('third'))).toBeCloseTo(1, 6);
    expect(sum(of('weighted'))).toBeCloseTo(5, 5);
    expect(of('last').every((p) => p > 0)).toBe(true);
    expect([...of('third').slice(-2)]).toEqual([0, 0]);
  }
});

test('asking for scores and hidden means does not change the logits', async () => {
  const plain = await logitsOf(await open(), { ids: prompt });
  const want = {
    hiddenMeans: true,
    scores: { test: { rows: 4, reduceRows: 'max', reduceHeads: 'mean' } },
  } as const;
  expect(await logitsOf(await open(), { ids: prompt, want })).toEqual(plain);
});

test('hidden means are means over the tokens of the forward', async () => {
  const together = await (await open()).forward({ ids: prompt, want: { hiddenMeans: true } });
  const apart = await open();
  const sums = new Float64Array(layers * hidden);
  for (const id of prompt) {
    const { hiddenMeans } = await apart.forward({ ids: one(id), want: { hiddenMeans: true } });
    hiddenMeans!.forEach((mean, i) => {
      sums[i] += mean;
    });
  }
  together.hiddenMeans!.forEach((mean, i) => {
    expect(mean).toBeCloseTo(sums[i] / prompt.length, 5);
  });
});

test('block influences are those of each layer, 0 where it is skipped', async () => {
  const want = { blockInfluences: true };
  const sequence = await open();
  const { blockInfluences } = await sequence.forward({ ids: prompt, want });
  expect(blockInfluences!.influences).toHaveLength(layers);
  for (const influence of blockInfluences!.influences) {
    expect(influence).toBeGreaterThan(0);
    expect(influence).toBeLessThan(2);
  }
  const gates = Uint8Array.of(1, 0, 1, 1);
  const skipping = await sequence.forward({ ids: one(3), layers: gates, want });
  expect(skipping.blockInfluences!.influences[1]).toBe(0);
  expect(skipping.blockInfluences!.normRatios[1]).toBe(1);
  expect(skipping.blockInfluences!.normRatios[2]).not.toBe(1);
});

test('a skipped layer multiplies the hidden state by its scale', async () => {
  const gates = Uint8Array.of(1, 0, 0, 1);
  const scaled = (scale: number) => ({
    ids: prompt,
    layers: gates,
    layerScales: new Float32Array(layers).fill(scale),
  });
  const plain = await logitsOf(await open(), { ids: prompt, layers: gates });
  expect(await logitsOf(await open(), scaled(1))).toEqual(plain);
  expect(await logitsOf(await open(), scaled(2))).not.toEqual(plain);
  const refused = [
    { ids: prompt, layerScales: new Float32Array(layers).fill(1) },
    { ids: prompt, layers: gates, layerScales: new Float32Array(2).fill(1) },
    scaled(0),
    scaled(Number.NaN),
  ];
  for (const input of refused)
    await expect((await open()).forward(input)).rejects.toThrow("option 'layerScales'");
});

test('bytes are the capacity: it doubles with the rows, and an edit that frees half gives it back', async () => {
  const row = layers * 2 * kvHeads * headDim * 4;
  const sequence = await open();
  expect(sequence.cache.bytes).toBe(16 * row);
  await sequence.forward({ ids: Int32Array.from({ length: 100 }, () => 1) });
  expect(sequence.cache.bytes).toBe(128 * row);
  sequence.edit({ keep: () => all(20) });
  expect(sequence.cache.bytes).toBe(21 * row);
  const bounded = await decoder.open({ maxRows: 40 });
  await bounded.forward({ ids: Int32Array.from({ length: 33 }, () => 1) });
  expect(bounded.cache.bytes).toBe(40 * row);
  await bounded.forward({ ids: Int32Array.from({ length: 8 }, () => 1) });
  expect(bounded.cache.bytes).toBe(80 * row);
  const reserved = await decoder.open({ rows: 100 });
  expect(reserved.cache.bytes).toBe(100 * row);
  reserved.close();
  expect(reserved.cache.bytes).toBe(0);
});

test('a draft has the weights of the first layers, and its own calls', async () => {
  const deep = mockDecoder();
  const draft = deep.draft({ layers: 2 });
  const expected = await logitsOf(await open(), {
    ids: prompt,
    layers: Uint8Array.from({ length: layers }, (_, layer) => (layer < 2 ? 1 : 0)),
  });
  expect(await logitsOf(await open(draft), { ids: prompt })).toEqual(expected);
  expect([draft.shape.layers, draft.calls.length, deep.calls.length]).toEqual([2, 1, 0]);
  expect(deep.openSequences).toBe(1);
  await deep.close();
  expect(deep.openSequences).toBe(0);
  await expect(open(draft)).rejects.toThrow('closed');
  expect(() => mockDecoder().draft({ layers: 5 })).toThrow("option 'layers'");
});

test('greedy text varies: no token for ever, and another seed another model', async () => {
  const greedy = async (seed: number) => {
    const sequence = await open(mockDecoder({ seed }));
    const ids: number[] = [];
    let logits = await logitsOf(sequence, { ids: prompt });
    for (let step = 0; step < 100; step++) {
      ids.push(logits.indexOf(Math.max(...logits)));
      logits = await logitsOf(sequence, { ids: one(ids.at(-1)!) });
    }
    return ids;
  };
  const texts = await Promise.all([0, 1, 2].map(greedy));
  for (const ids of texts) expect(new Set(ids.slice(-50)).size).toBeGreaterThan(8);
  expect(texts[0]).not.toEqual(texts[1]);
  expect(await greedy(0)).toEqual(texts[0]);
});
