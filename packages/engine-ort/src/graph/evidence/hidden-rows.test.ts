import type { HiddenRowsRequest, Sequence } from '@pliant/core';
import { readJson } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import {
  largestDifference,
  readGolden,
  runtimes,
  sharedTiny,
  type TinyModel,
  tinyModels,
} from '../../goldens.test.support.js';

interface Golden {
  readonly rows: number;
  readonly models: {
    readonly [model in TinyModel]: {
      /** [layers + 1][rows][hidden] */
      readonly states: number[][][];
      readonly skipped?: { layers: number[]; scales: number[]; states: number[][][] };
    };
  };
}

const golden = readJson<Golden>('vectors/hidden-rows.json');
const { rows } = golden;
const idsOf = (model: TinyModel) => Int32Array.from(readGolden(model).prompts.short.ids);
const every = (states: readonly unknown[]): HiddenRowsRequest => ({
  rows,
  layers: [...states.keys()],
});

/**
 * Largest difference relative to the largest value. The reference is in float32 too, summed in
 * another order.
 */
const tolerance = 1e-5;

function expectClose(state: Float32Array, expected: ArrayLike<number>, message: string): void {
  const largest = Math.max(...Array.from(expected, Math.abs));
  expect(largestDifference(state, expected), message).toBeLessThan(tolerance * largest);
}

function expectStates(
  states: ReadonlyMap<number, Float32Array>,
  expected: readonly (readonly (readonly number[])[])[],
): void {
  expect([...states.keys()]).toEqual([...expected.keys()]);
  for (const [count, state] of states)
    expectClose(state, expected[count].flat(), `after ${count} layers`);
}

async function openSequence(
  model: TinyModel,
  options: Parameters<typeof sharedTiny>[1] = {},
  needs = ['hidden.rows'] as const,
): Promise<Sequence> {
  return (await sharedTiny(model, options)).open({ needs });
}

describe.each(runtimes)('hidden rows on the %s runtime', (runtime) => {
  it.each(tinyModels)("equal the reference's hidden states: %s", async (model) => {
    const { states } = golden.models[model];
    const sequence = await openSequence(model, { runtime });
    const want = { hiddenRows: { own: every(states) } };
    const { hiddenRows } = await sequence.forward({ ids: idsOf(model), want });
    expectStates(hiddenRows!.own, states);
    sequence.close();
  });

  it.each([
    ['tiny-llama', 'gates'],
    ['tiny-llama', 'cut'],
    ['tiny-gemma3', 'gates'],
    ['tiny-gemma3', 'cut'],
  ] as const)('pass a skipped layer, times its scale: %s by %s', async (model, skipping) => {
    const { layers: skipped, scales, states } = golden.models[model].skipped!;
    const decoder = await sharedTiny(model, { runtime, skipping });
    const sequence = await decoder.open({ needs: ['hidden.rows', 'layers.skip'] });
    const layers = new Uint8Array(decoder.shape.layers).fill(1);
    const layerScales = new Float32Array(decoder.shape.layers).fill(1);
    skipped.forEach((layer, at) => {
      layers[layer] = 0;
      layerScales[layer] = scales[at];
    });
    const want = { hiddenRows: { own: every(states) } };
    const input = { ids: idsOf(model), layers, layerScales, want };
    expectStates((await sequence.forward(input)).hiddenRows!.own, states);
    sequence.close();
  });

  it('are the last of a chunk, and of a decode step', async () => {
    const { states } = golden.models['tiny-llama'];
    const ids = idsOf('tiny-llama');
    const chunked = await openSequence('tiny-llama', { runtime });
    await chunked.forward({ ids: ids.subarray(0, 20), want: { logits: 'none' } });
    const want = { hiddenRows: { own: every(states) } };
    expectStates((await chunked.forward({ ids: ids.subarray(20), want })).hiddenRows!.own, states);
    const stepped = await openSequence('tiny-llama', { runtime });
    await stepped.forward({ ids: ids.subarray(0, -1) });
    const own = { rows: 1, layers: every(states).layers };
    const output = await stepped.forward({
      ids: ids.subarray(-1),
      want: { hiddenRows: { own } },
    });
    expectStates(
      output.hiddenRows!.own,
      states.map((state) => state.slice(-1)),
    );
    chunked.close();
    stepped.close();
  });

  it('are given to each request, and leave the logits as they are to the bit', async () => {
    const { states } = golden.models['tiny-llama'];
    const ids = idsOf('tiny-llama');
    const sequence = await openSequence('tiny-llama', { runtime });
    const plain = (await sequence.forward({ ids })).logits.slice();
    sequence.edit({ truncate: 0 });
    const want = {
      hiddenRows: {
        last: { rows: 1, layers: [3, 1] },
        long: { rows: ids.length, layers: [3] },
        early: { rows: 2, layers: [0, 3] },
      },
    };
    const { logits, hiddenRows } = await sequence.forward({ ids, want });
    expect([...logits]).toEqual([...plain]);
    expect(Object.keys(hiddenRows!)).toEqual(['last', 'long', 'early']);
    const { last, long, early } = hiddenRows!;
    expect([...last.keys()]).toEqual([3, 1]);
    expect([...long.keys()]).toEqual([3]);
    const { hidden } = (await sharedTiny('tiny-llama', { runtime })).shape;
    expect(long.get(3)).toHaveLength(ids.length * hidden);
    expect([...long.get(3)!.subarray(-hidden)]).toEqual([...last.get(3)!]);
    expectClose(last.get(1)!, states[1][1], 'last');
    for (const [count, state] of early) expectClose(state, states[count].flat(), 'early');
    sequence.close();
  });

  it('go to the members of a batch that want them', async () => {
    const { states } = golden.models['tiny-llama'];
    const decoder = await sharedTiny('tiny-llama', { runtime });
    const ids = idsOf('tiny-llama');
    const sequences = await Promise.all([0, 1, 2].map(() => decoder.open()));
    const prompts = [ids, ids.map((id) => (id * 7 + 3) % decoder.shape.vocabulary), ids];
    for (const [at, sequence] of sequences.entries())
      await sequence.forward({ ids: prompts[at].subarray(0, -1) });
    const input = (at: number, layers?: readonly number[]) => ({
      ids: prompts[at].subarray(-1),
      ...(layers && { want: { hiddenRows: { own: { rows: 1, layers } } } }),
    });
    const [, other, first] = await decoder.forwardBatch!(sequences, [
      input(0),
      input(1, [4, 2]),
      input(2, [0, 1, 2, 3, 4]),
    ]).then((outputs) => {
      expect(outputs.map(({ hiddenRows }) => hiddenRows !== undefined)).toEqual([
        false,
        true,
        true,
      ]);
      return outputs.map(({ hiddenRows }) => hiddenRows?.own);
    });
    expectStates(
      first!,
      states.map((state) => state.slice(-1)),
    );
    const alone = await decoder.open();
    const want = { hiddenRows: { own: { rows: 1, layers: [4, 2] } } };
    const { hiddenRows } = await alone.forward({ ids: prompts[1], want });
    expect([...other!.keys()]).toEqual([4, 2]);
    for (const [count, state] of other!)
      expectClose(state, hiddenRows!.own.get(count)!, `after ${count} layers`);
    for (const sequence of [...sequences, alone]) sequence.close();
  });
});

it('end with the layers of a draft', async () => {
  const { states } = golden.models['tiny-llama'];
  const draft = (await sharedTiny('tiny-llama')).draft({ layers: 2 });
  const sequence = await draft.open({ needs: ['hidden.rows'] });
  const ids = idsOf('tiny-llama');
  const want = { hiddenRows: { own: { rows, layers: [0, 1, 2] } } };
  expectStates((await sequence.forward({ ids, want })).hiddenRows!.own, states.slice(0, 3));
  await expect(
    sequence.forward({ ids, want: { hiddenRows: { own: { rows, layers: [3] } } } }),
  ).rejects.toThrow('3 is not a number of layers from 0 to 2');
  await draft.close();
});
