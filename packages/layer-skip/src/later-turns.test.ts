import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Capability, type Middleware, pipeline, type Sequence } from '@pliant/core';
import { type MockDecoder, mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { layerSkip } from './layer-skip.js';
import { promptInfluence } from './selectors/prompt-influence.js';

const tokenizer = mockTokenizer();
const first = [{ role: 'user', content: 'Where is the key?' }];
const second = [{ role: 'user', content: 'And the lamp?' }];
const options = { maxNewTokens: 6 };
const layers = 6;
const skipped = [2, 4];
const gates = Uint8Array.from({ length: layers }, (_, layer) => (skipped.includes(layer) ? 0 : 1));

/** Keeps the logits that the first token of each turn is chosen from. */
function watch(turns: Float32Array[]): Middleware<'watch'> {
  return {
    specificationVersion: 'v1',
    name: 'watch',
    requires: [],
    create: (run) => ({
      adjust: (logits) => {
        if (run.generated.length === 0) turns.push(logits.slice());
      },
    }),
  };
}

interface Turns {
  readonly decoder: MockDecoder;
  readonly logits: Float32Array[];
  readonly answer: readonly number[];
  readonly prompts: readonly number[][];
}

/** Two turns; tokens of both prompts as read, without what is read again of the answer. */
async function twoTurns(middleware: Middleware<string, Capability>): Promise<Turns> {
  const decoder = mockDecoder({ layers });
  const logits: Float32Array[] = [];
  const stack = pipeline(decoder, { tokenizer, chunkSize: 16 }).use(middleware).use(watch(logits));
  const generation = await stack.start({ messages: first }, options);
  while (!generation.done) await generation.step();
  const answer = [...generation.tokens];
  const before = decoder.calls.length;
  await generation.append(second);
  const read = (calls: MockDecoder['calls']) => calls.flatMap(({ ids }) => [...ids]);
  const prompts = [
    read(decoder.calls.slice(0, before).filter((call) => !call.layers)),
    read(decoder.calls.slice(before)),
  ];
  await generation.step();
  await generation.step();
  await generation.close();
  expect(decoder.openSequences).toBe(0);
  return { decoder, logits, answer, prompts };
}

const open = (decoder: MockDecoder): Promise<Sequence> =>
  decoder.open({ needs: ['layers.skip', 'block.influences'] });

describe("laterTurns: 'reread'", () => {
  it.each([
    ['a list', () => layerSkip({ layers: skipped })],
    ['the prompt', () => layerSkip({ selector: promptInfluence(), skip: 2, protect: [] })],
  ])(
    'gives the logits of a run of every layer over the same tokens, where %s decides',
    async (_, make) => {
      const { logits, answer, prompts } = await twoTurns(make());
      const reference = await open(mockDecoder({ layers }));
      await reference.forward({ ids: Int32Array.from(prompts[0]) });
      // The answer was read again, before the new turn.
      expect(prompts[1].slice(0, answer.length)).toEqual(answer);
      const { logits: expected } = await reference.forward({ ids: Int32Array.from(prompts[1]) });
      expect(logits[1]).toEqual(expected);
    },
  );

  it('decides anew, from everything read so far', async () => {
    const make = layerSkip({ selector: promptInfluence(), skip: 2, protect: [] });
    const { decoder, prompts } = await twoTurns(make);
    const reference = await open(mockDecoder({ layers }));
    const { blockInfluences } = await reference.forward({
      ids: Int32Array.from(prompts.flat()),
      want: { blockInfluences: true },
    });
    const influences = [...blockInfluences!.influences];
    const lowest = [...influences.keys()]
      .slice(1)
      .sort((a, b) => influences[a] - influences[b])
      .slice(0, 2);
    expect(decoder.calls.at(-1)!.layers).toEqual(
      influences.map((_, layer) => (lowest.includes(layer) ? 0 : 1)),
    );
  });
});

describe("laterTurns: 'skip'", () => {
  it.each([false, true])(
    'gives the logits of a sequence that skips from the first answer on, freeSkipped: %s',
    async (freeSkipped) => {
      const middleware = layerSkip({ layers: skipped, laterTurns: 'skip', freeSkipped });
      const { decoder, logits, answer, prompts } = await twoTurns(middleware);
      const reference = await open(mockDecoder({ layers }));
      await reference.forward({ ids: Int32Array.from(prompts[0]) });
      await reference.forward({ ids: Int32Array.from(answer.slice(0, -1)), layers: gates });
      const { logits: expected } = await reference.forward({
        ids: Int32Array.from(prompts[1]),
        layers: gates,
      });
      expect(logits[1]).toEqual(expected);
      for (const call of decoder.calls.slice(-2)) expect(call.layers).toEqual([...gates]);
    },
  );

  it("frees the skipped layers' rows of the prompt at the first decoded token", async () => {
    const bytes = async (freeSkipped: boolean) => {
      const stack = pipeline(mockDecoder({ layers }), { tokenizer }).use(
        layerSkip({ layers: skipped, laterTurns: 'skip', freeSkipped }),
      );
      const rows: number[][] = [];
      const watched = stack.use({
        specificationVersion: 'v1',
        name: 'rows',
        requires: [],
        create: (run) => ({
          commit: () => {
            rows.push(Array.from({ length: layers }, (_, layer) => run.cache!.rows(layer)));
          },
        }),
      });
      await watched.generate({ messages: first }, options);
      return rows.at(-1)!;
    };
    const [kept, freed] = [await bytes(false), await bytes(true)];
    expect(freed.map((rows) => rows > 0)).toEqual([...gates].map(Boolean));
    expect(freed.filter((rows) => rows > 0)).toEqual(kept.filter((_, layer) => gates[layer]));
    expect(kept[2]).toBeGreaterThan(0);
  });
});

describe('a generation that was loaded', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'layer-skip-')), 'saved');
  const make = () => layerSkip({ selector: promptInfluence(), skip: 2, protect: [] });

  it('skips what it skipped before, though its prompt is not read again', async () => {
    const stack = pipeline(mockDecoder({ layers }), { tokenizer }).use(make());
    const generation = await stack.start({ messages: first }, options);
    for (let step = 0; step < 3; step++) await generation.step();
    await generation.save(file);
    const decoder = mockDecoder({ layers });
    const loaded = await pipeline(decoder, { tokenizer }).use(make()).load(file);
    while (!generation.done) await generation.step();
    while (!loaded.done) await loaded.step();
    expect(loaded.tokens).toEqual(generation.tokens);
    expect(decoder.calls.at(-1)!.layers!.filter((gate) => gate === 0)).toHaveLength(2);
    expect(loaded.result().warnings).toEqual([]);
    await generation.append(second);
    await loaded.append(second);
    expect((await loaded.step()).tokens).toEqual((await generation.step()).tokens);
  });

  it('goes on without the layers that it was saved without, where others are chosen now', async () => {
    const stack = pipeline(mockDecoder({ layers }), { tokenizer });
    const before = stack.use(layerSkip({ layers: [2, 4] }));
    const generation = await before.start({ messages: first }, options);
    for (let step = 0; step < 3; step++) await generation.step();
    await generation.save(file);
    for (const laterTurns of ['reread', 'skip'] as const) {
      const decoder = mockDecoder({ layers });
      const now = pipeline(decoder, { tokenizer }).use(layerSkip({ layers: [3], laterTurns }));
      const loaded = await now.load(file);
      while (!loaded.done) await loaded.step();
      expect(decoder.calls.at(-1)!.layers).toEqual([1, 1, 0, 0, 0, 1]);
      expect(loaded.result().warnings).toMatchObject([{ type: 'degraded', feature: 'layers' }]);
      await loaded.append(second);
      await loaded.step();
      await loaded.step();
      // Read again, no layer lacks rows any more.
      const skips = laterTurns === 'skip' ? [1, 1, 0, 0, 0, 1] : [1, 1, 1, 0, 1, 1];
      expect(decoder.calls.at(-1)!.layers).toEqual(skips);
    }
  });

  it('runs every layer, and says so, where nothing was skipped yet', async () => {
    const stack = pipeline(mockDecoder({ layers }), { tokenizer }).use(make());
    const generation = await stack.start({ messages: first }, options);
    await generation.step();
    await generation.save(file);
    const decoder = mockDecoder({ layers });
    const loaded = await pipeline(decoder, { tokenizer }).use(make()).load(file);
    await loaded.step();
    expect(decoder.calls.at(-1)!.layers).toBeUndefined();
    expect(loaded.result().warnings).toMatchObject([{ type: 'degraded', feature: 'selector' }]);
  });
});

it('decides by the whole prompt where a beginning was read first', async () => {
  const decoder = mockDecoder({ layers });
  const stack = pipeline(decoder, { tokenizer }).use(
    layerSkip({ selector: promptInfluence(), skip: 2, protect: [], laterTurns: 'skip' }),
  );
  const beginning = await stack.read({ messages: first }, options);
  const copy = await beginning.fork({ seed: 1 });
  await copy.append(second);
  // Nothing was skipped yet, so that the question is read by every layer.
  expect(decoder.calls.every((call) => call.layers === undefined)).toBe(true);
  while (!copy.done) await copy.step();
  expect(decoder.calls.at(-1)!.layers!.filter((gate) => gate === 0)).toHaveLength(2);
  await copy.close();
  await beginning.close();
  expect(decoder.openSequences).toBe(0);
});

it("never reads a skipped layer's rows: filled with NaN they change nothing", async () => {
  const decoder = mockDecoder({ layers });
  const sequence = await open(decoder);
  await sequence.forward({ ids: tokenizer.encode('Where is the key?') });
  const saved = sequence.save!();
  const poisoned = await open(decoder);
  const nan = (values: Float32Array) => values.map(() => Number.NaN);
  poisoned.restore!({
    ...saved,
    layers: saved.layers.map((layer, at) =>
      gates[at] === 0 ? { ...layer, keys: nan(layer.keys), values: nan(layer.values) } : layer,
    ),
  });
  for (const id of [3, 5, 7]) {
    const input = { ids: Int32Array.of(id), layers: gates };
    const expected = (await sequence.forward(input)).logits.slice();
    expect((await poisoned.forward(input)).logits).toEqual(expected);
  }
  const { logits } = await poisoned.forward({ ids: Int32Array.of(1) });
  expect(logits.some(Number.isNaN)).toBe(true);
});

it('says in each turn that its layers were not measured', async () => {
  const stack = pipeline(mockDecoder({ layers }), { tokenizer }).use(layerSkip({ skip: 1 }));
  const generation = await stack.start({ messages: first }, options);
  for (let turn = 0; turn < 2; turn++) {
    if (turn > 0) await generation.append(second);
    while (!generation.done) await generation.step();
    expect(generation.result().warnings).toMatchObject([{ type: 'degraded', feature: 'skip' }]);
  }
  await generation.close();
});
