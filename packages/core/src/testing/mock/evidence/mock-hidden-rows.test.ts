import { expect, test } from 'vitest';
import type { ForwardInput } from '../../../contract/decoder.js';
import { InvalidOptionsError } from '../../../contract/errors.js';
import type { HiddenRowsRequest } from '../../../contract/evidence/hidden-rows.js';
import { mockDecoder } from '../mock-decoder.js';
import { mockWeights } from '../model/mock-weights.js';

const ids = Int32Array.of(65, 110, 32, 98, 111);
const all = [0, 1, 2, 3, 4];

async function forward(input: Omit<ForwardInput, 'ids' | 'want'>, request: HiddenRowsRequest) {
  const decoder = mockDecoder();
  const sequence = await decoder.open({ needs: ['hidden.rows', 'hidden.means', 'layers.skip'] });
  const want = { hiddenRows: { own: request }, hiddenMeans: true };
  const output = await sequence.forward({ ids, ...input, want });
  return { ...output, states: output.hiddenRows!.own, shape: decoder.shape };
}

const rowOf = (values: Float32Array | Float64Array, row: number, size: number) =>
  [...values].slice(row * size, (row + 1) * size);

function normalised(state: readonly number[]): number[] {
  const squares = state.reduce((sum, value) => sum + value * value, 0);
  return state.map((value) => value / Math.sqrt(squares / state.length + 1e-6));
}

test('the state after 0 layers is the embedding, in the order of the tokens', async () => {
  const { states, shape } = await forward({}, { rows: 3, layers: [0] });
  const { embedding } = mockWeights(shape, 0);
  expect([...states.keys()]).toEqual([0]);
  expect(states.get(0)).toHaveLength(3 * shape.hidden);
  for (let row = 0; row < 3; row++)
    expect(rowOf(states.get(0)!, row, shape.hidden)).toEqual(
      rowOf(Float32Array.from(embedding), ids[2 + row], shape.hidden),
    );
});

test('the state after all layers, normalised, is what the head makes logits of', async () => {
  const { states, logits, shape } = await forward({}, { rows: 2, layers: [4] });
  const { head, headBias } = mockWeights(shape, 0);
  const { hidden } = shape;
  const last = normalised(rowOf(states.get(4)!, 1, hidden));
  for (const id of [32, 65, 110]) {
    const dot = last.reduce((sum, value, i) => sum + value * head[id * hidden + i], 0);
    expect(dot + headBias[id]).toBeCloseTo(logits[id], 4);
  }
});

test("the states after n layers, normalised, have the means of layer n's input", async () => {
  const { states, hiddenMeans, shape } = await forward({}, { rows: ids.length, layers: all });
  const { hidden, layers } = shape;
  for (let layer = 0; layer < layers; layer++) {
    const rows = Array.from(ids, (_, row) => normalised(rowOf(states.get(layer)!, row, hidden)));
    for (let i = 0; i < hidden; i++) {
      const mean = rows.reduce((sum, row) => sum + row[i], 0) / rows.length;
      expect(mean).toBeCloseTo(hiddenMeans![layer * hidden + i], 5);
    }
  }
});

test('a skipped layer passes on the state times its scale', async () => {
  const layers = Uint8Array.of(1, 1, 0, 1);
  const layerScales = Float32Array.of(1, 1, 2, 1);
  const { states } = await forward({ layers, layerScales }, { rows: 1, layers: all });
  expect([...states.get(3)!]).toEqual([...states.get(2)!].map((value) => value * 2));
  expect([...states.get(4)!]).not.toEqual([...states.get(3)!]);
});

test.each([
  ['is not a number of rows from 1 to 5', { rows: 6, layers: [0] }],
  ['is not a number of rows from 1 to 5', { rows: 0, layers: [0] }],
  ['5 is not a number of layers from 0 to 4', { rows: 1, layers: [5] }],
  ['must name at least one state', { rows: 1, layers: [] }],
])('a wrong request is refused: %s', async (message, request) => {
  const refused = forward({}, request);
  await expect(refused).rejects.toThrow(InvalidOptionsError);
  await expect(refused).rejects.toThrow(message);
});
