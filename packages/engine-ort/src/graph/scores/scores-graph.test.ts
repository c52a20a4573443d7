import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { readJson } from '@pliant/fixtures';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  distance,
  float,
  floats,
  GraphRunner,
  int64,
  sharedSession,
  TINY_MODELS,
  tinyModel,
} from '../graph-runner.test.support.js';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  TensorProto_DataType,
  TensorProtoSchema,
} from '../onnx/onnx_pb.js';
import { GQA_INPUT } from '../read/attention.js';
import { type ModelGraph, readModelGraph } from '../read/model-graph.js';
import {
  buildScoresGraph,
  SCORES,
  SCORES_KEYS,
  SCORES_POSITIONS,
  SCORES_QUERY,
  SCORES_ROW_WEIGHTS,
  SCORES_ROWS,
  type ScoresGraphOptions,
  scoresGraphKey,
} from './scores-graph.js';

const SPARE = 6;

interface Capture {
  readonly model: ModelGraph;
  /** [W x heads x headDim] */
  readonly queries: Float32Array;
  /** [kvHeads][T x headDim] */
  readonly keys: number[][];
  readonly positions: readonly number[];
}

/** Queries of the last `rows` of a prompt of `total` tokens, and all keys, layer by layer. */
async function capture(name: string, rows: number, total: number): Promise<Capture[]> {
  const { model, golden } = tinyModel(name);
  const { ids } = golden.prompts.long ?? golden.prompts.short;
  const runner = await GraphRunner.open(model, { evidence: ['scores'] });
  const { queries } = await runner.forward(ids.slice(0, total), 0, { queryRows: rows });
  return queries.map((rowsOfLayer, layer) => ({
    model,
    queries: Float32Array.from(rowsOfLayer),
    keys: runner.cache[layer].key,
    positions: Array.from({ length: rows }, (_, row) => total - rows + row),
  }));
}

async function scores(
  { model, queries, keys, positions }: Capture,
  layer: number,
  options: Partial<ScoresGraphOptions>,
  weights?: readonly number[],
): Promise<Float32Array> {
  const { heads, headDim, kvHeads } = model.shape;
  const all = {
    reduceRows: 'sum',
    reduceHeads: 'none',
    weighted: weights !== undefined,
    expected: false,
    ...options,
  } as const;
  const key = JSON.stringify(['scores', layer, all]);
  const session = await sharedSession(model, key, () => buildScoresGraph(model, layer, all));
  const total = keys[0].length / headDim;
  const capacity = keys.flatMap((head) => [...head, ...new Array(SPARE * headDim).fill(99)]);
  const rows = queries.length / (heads * headDim);
  const results = await session.run({
    [SCORES_QUERY]: float(queries, [1, rows, heads * headDim]),
    [SCORES_POSITIONS]: int64(positions, [1, positions.length]),
    [SCORES_KEYS]: float(capacity, [1, kvHeads, total + SPARE, headDim]),
    [SCORES_ROWS]: int64([total], [1]),
    ...(weights && { [SCORES_ROW_WEIGHTS]: float(weights, [rows]) }),
  });
  expect(results[SCORES].dims).toEqual([
    options.reduceHeads && options.reduceHeads !== 'none' ? kvHeads : heads,
    total,
  ]);
  return Float32Array.from(floats(results[SCORES]));
}

/** Results of kvpress; its own fields say how. */
interface ExpectedGolden {
  readonly settings: { readonly sinks: number; readonly future: number; readonly epsilon: number };
  readonly tokens: number;
  readonly queries: readonly number[];
  readonly keys: readonly number[];
  readonly values: readonly number[];
  readonly scores: readonly number[];
}

/** One row alone: a weight of 1 there, 0 elsewhere. */
function onlyRow(row: number, rows: number): number[] {
  return Array.from({ length: rows }, (_, at) => (at === row ? 1 : 0));
}

describe.each(['llama', 'qwen2'])('attention of tiny-%s', (name) => {
  test('rows 72 to 79 as the golden', async () => {
    const { layers, rows, values } =
      tinyModel(name).golden.prompts.long!.internals!.attentionPostSoftmax;
    const captured = await capture(name, rows.length, 80);
    for (const [at, layer] of layers.entries())
      for (const row of rows.keys()) {
        const found = await scores(captured[layer], layer, {}, onlyRow(row, rows.length));
        const expected = values[at].flatMap((head) => head[row]);
        expect(distance(found, expected)).toBeLessThan(1e-4);
      }
  });
});

/** The operator's own output is its attention times the cached values; so must ours be. */
describe('the attention operator itself', () => {
  test.each(TINY_MODELS)('of tiny-%s', async (name) => {
    await expectOperatorOutput(tinyModel(name).model, name);
  });

  let unchanged: Float32Array;
  beforeAll(async () => {
    unchanged = await expectOperatorOutput(tinyModel('llama').model, 'llama');
  });
  test.each<[string, (node: NodeProto, graph: GraphProto) => void]>([
    ['softcap', (node) => setAttribute(node, 'softcap', { f: 0.7 })],
    ['scale', (node) => setAttribute(node, 'scale', { f: 0.5 })],
    ['default scale', (node) => setAttribute(node, 'scale', { f: 0 })],
    ['window of 3', (node) => setAttribute(node, 'local_window_size', { i: 3n })],
    ['smooth softmax', (node) => setAttribute(node, 'smooth_softmax', { i: 1n })],
    ['interleaved rotation', (node) => setAttribute(node, 'rotary_interleaved', { i: 1n })],
    [
      'sinks',
      (node, graph) => {
        while (node.input.length <= GQA_INPUT.headSink) node.input.push('');
        node.input[GQA_INPUT.headSink] = 'sinks';
        if (graph.initializer.every((tensor) => tensor.name !== 'sinks'))
          graph.initializer.push(
            create(TensorProtoSchema, {
              name: 'sinks',
              dataType: TensorProto_DataType.FLOAT,
              dims: [4n],
              floatData: [0.5, -1, 2, 1],
            }),
          );
      },
    ],
  ])('with %s', async (variant, change) => {
    const { bytes, config } = tinyModel('llama');
    const model = fromBinary(ModelProtoSchema, bytes);
    for (const node of model.graph!.node)
      if (node.opType === 'GroupQueryAttention') change(node, model.graph!);
    const changed = readModelGraph(toBinary(ModelProtoSchema, model), config);
    const output = await expectOperatorOutput(changed, 'llama');
    if (variant !== 'default scale') expect(distance(output, unchanged)).toBeGreaterThan(1e-3);
  });
});

describe('reductions', () => {
  const options = (['max', 'mean', 'sum'] as const).flatMap((reduceRows) =>
    (['max', 'mean', 'sum', 'none'] as const).flatMap((reduceHeads) =>
      [false, true].map((weighted) => ({ reduceRows, reduceHeads, weighted })),
    ),
  );
  let one: Capture;
  let attention: number[][][];
  beforeAll(async () => {
    [, one] = await capture('llama', 4, 30);
    attention = plainAttention(one, 1);
  });
  test.each(options)('rows $reduceRows, heads $reduceHeads, weighted $weighted', async (option) => {
    const weights = [0.5, 2, 1, 0.25];
    const found = await scores(one, 1, option, option.weighted ? weights : undefined);
    const byHead = attention.map((rows) =>
      rows.map((row, at) => row.map((value) => value * (option.weighted ? weights[at] : 1))),
    );
    const byRows = byHead.map((rows) => reduce(rows, option.reduceRows));
    const { heads, kvHeads } = one.model.shape;
    const expected =
      option.reduceHeads === 'none'
        ? byRows
        : Array.from({ length: kvHeads }, (_, group) =>
            reduce(
              byRows.slice((group * heads) / kvHeads, ((group + 1) * heads) / kvHeads),
              option.reduceHeads as 'max',
            ),
          );
    expect(distance(found, expected.flat())).toBeLessThan(1e-4);
  });
});

describe('expected attention', () => {
  const expected = async (captured: Capture, layer: number, future: readonly number[]) => {
    const options = { expected: true, reduceRows: 'mean' } as const;
    const found = await scores({ ...captured, positions: future }, layer, options);
    expect(distance(found, plainExpected(captured, layer, future))).toBeLessThan(1e-4);
    return found;
  };

  test.each(TINY_MODELS)('of tiny-%s is that of the definition', async (name) => {
    const captured = await capture(name, 9, 30);
    for (const [layer, rows] of captured.entries()) {
      const near = await expected(rows, layer, [30, 31, 32, 33]);
      const far = await expected(rows, layer, [90, 91, 92, 93]);
      if (typeof rows.model.attentions[layer].rotary === 'object')
        expect(distance(near, far)).toBeGreaterThan(1e-4);
    }
  });

  test('is what kvpress expects', async () => {
    const golden = readJson<ExpectedGolden>('vectors/expected-attention.json');
    const { settings, tokens } = golden;
    const { model } = tinyModel('llama');
    const { heads, kvHeads, headDim } = model.shape;
    const byKvHead = (values: readonly number[]) =>
      Array.from({ length: kvHeads }, (_, head) =>
        values.slice(head * tokens * headDim, (head + 1) * tokens * headDim),
      );
    const found = await scores(
      {
        model,
        queries: Float32Array.from(golden.queries.slice(settings.sinks * heads * headDim)),
        keys: byKvHead(golden.keys),
        positions: Array.from({ length: settings.future }, (_, i) => tokens + i),
      },
      1,
      { expected: true, reduceRows: 'mean' },
    );
    // There the sinks are cut off before the softmax.
    const ranked = Array.from({ length: heads }, (_, head) => {
      const row = [...found.subarray(head * tokens + settings.sinks, (head + 1) * tokens)];
      const sum = row.reduce((a, b) => a + b);
      return row.map((value) => value / sum);
    });
    byKvHead(golden.values).forEach((values, kvHead) => {
      const group = ranked.slice((kvHead * heads) / kvHeads, ((kvHead + 1) * heads) / kvHeads);
      const own = reduce(group, 'mean').map((value, i) => {
        const at = (settings.sinks + i) * headDim;
        return (value + settings.epsilon) * Math.hypot(...values.slice(at, at + headDim));
      });
      const expected = golden.scores.slice(kvHead * tokens + settings.sinks, (kvHead + 1) * tokens);
      expect(distance(own, expected)).toBeLessThan(1e-4);
    });
  });

  test('with softcap and sinks', async () => {
    const { bytes, config } = tinyModel('llama');
    const model = fromBinary(ModelProtoSchema, bytes);
    for (const node of model.graph!.node)
      if (node.opType === 'GroupQueryAttention') {
        setAttribute(node, 'softcap', { f: 0.7 });
        setAttribute(node, 'smooth_softmax', { i: 1n });
      }
    const changed = readModelGraph(toBinary(ModelProtoSchema, model), config);
    const [, captured] = await capture('llama', 9, 30);
    await expected({ ...captured, model: changed }, 1, [30, 31, 32, 33]);
  });
});

test('layers share a graph exactly when their attention does', () => {
  const options = {
    reduceRows: 'max',
    reduceHeads: 'max',
    weighted: false,
    expected: false,
  } as const;
  const { model } = tinyModel('gemma3');
  const keys = model.attentions.map((_, layer) => scoresGraphKey(model, layer, options));
  expect(new Set(keys).size).toBe(2);
  expect(keys[2]).toBe(keys[5]);
  expect(scoresGraphKey(model, 0, { ...options, weighted: true })).not.toBe(keys[0]);
  expect(scoresGraphKey(model, 0, { ...options, expected: true })).not.toBe(keys[0]);
});

function setAttribute(node: NodeProto, name: string, value: { f: number } | { i: bigint }): void {
  node.attribute = node.attribute.filter((attribute) => attribute.name !== name);
  const type = 'f' in value ? AttributeProto_AttributeType.FLOAT : AttributeProto_AttributeType.INT;
  node.attribute.push(create(AttributeProtoSchema, { name, type, ...value }));
}

/** @returns the operator's output for the last row of the last layer */
async function expectOperatorOutput(model: ModelGraph, name: string): Promise<Float32Array> {
  const { golden } = tinyModel(name);
  const ids = (golden.prompts.long ?? golden.prompts.short).ids.slice(0, 60);
  const outputs = model.attentions.map(({ node }) => node.output[0]);
  const runner = await GraphRunner.open(model, { evidence: ['scores'] }, undefined, outputs);
  const { queries, extra } = await runner.forward(ids, 0, { queryRows: 2 });
  const { heads, kvHeads, headDim, layers } = model.shape;
  const positions = [ids.length - 2, ids.length - 1];
  let last: Float32Array = new Float32Array();
  for (let layer = 0; layer < layers; layer++) {
    const { key, value } = runner.cache[layer];
    const found = { model, queries: queries[layer], keys: key, positions };
    for (const row of positions.keys()) {
      const attention = await scores(found, layer, {}, onlyRow(row, 2));
      const attended = Array.from({ length: heads * headDim }, (_, at) => {
        const head = Math.floor(at / headDim);
        const values = value[Math.floor((head * kvHeads) / heads)];
        let sum = 0;
        for (let index = 0; index < ids.length; index++)
          sum += attention[head * ids.length + index] * values[index * headDim + (at % headDim)];
        return sum;
      });
      const width = heads * headDim;
      last = extra[layer].subarray(positions[row] * width, (positions[row] + 1) * width);
      expect(distance(last, attended), `layer ${layer}`).toBeLessThan(1e-4);
    }
  }
  return Float32Array.from(last);
}

/** [heads][W][T], by the definition, in float64. */
function plainAttention({ model, queries, keys, positions }: Capture, layer: number): number[][][] {
  const { heads, kvHeads, headDim } = model.shape;
  const { scale } = model.attentions[layer];
  const total = keys[0].length / headDim;
  return Array.from({ length: heads }, (_, head) =>
    positions.map((position, row) => {
      const at = (row * heads + head) * headDim;
      const query = rotated(model, layer, [...queries.subarray(at, at + headDim)], position);
      const last = total - positions.length + row;
      const key = keys[Math.floor((head * kvHeads) / heads)];
      const logits = Array.from({ length: total }, (_, index) => {
        if (index > last) return Number.NEGATIVE_INFINITY;
        return scale * query.reduce((sum, value, d) => sum + value * key[index * headDim + d], 0);
      });
      const weights = logits.map(Math.exp);
      const sum = weights.reduce((a, b) => a + b);
      return weights.map((weight) => weight / sum);
    }),
  );
}

/** [heads x T], by the definition, in float64. */
function plainExpected(
  { model, queries, keys }: Capture,
  layer: number,
  future: readonly number[],
): number[] {
  const { heads, kvHeads, headDim } = model.shape;
  const { scale, softcap, sinks } = model.attentions[layer];
  const rows = queries.length / (heads * headDim);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return Array.from({ length: heads }, (_, head) => {
    const turned = Array.from({ length: rows }, (__, row) => {
      const at = (row * heads + head) * headDim;
      const query = [...queries.subarray(at, at + headDim)];
      const everywhere = future.map((position) => rotated(model, layer, query, position));
      return query.map((___, d) => mean(everywhere.map((vector) => vector[d])));
    });
    const key = keys[Math.floor((head * kvHeads) / heads)];
    const weights = Array.from({ length: key.length / headDim }, (__, index) => {
      const logits = turned.map((query) => {
        const logit =
          scale * query.reduce((sum, value, d) => sum + value * key[index * headDim + d], 0);
        return softcap > 0 ? softcap * Math.tanh(logit / softcap) : logit;
      });
      const average = mean(logits);
      return Math.exp(average + mean(logits.map((logit) => (logit - average) ** 2)) / 2);
    });
    const sum = weights.reduce((a, b) => a + b, sinks === 'zero' ? 1 : 0);
    return weights.map((weight) => weight / sum);
  }).flat();
}

function rotated(model: ModelGraph, layer: number, head: number[], position: number): number[] {
  const { rotary } = model.attentions[layer];
  if (typeof rotary !== 'object') return head;
  const half = rotary.dimensions / 2;
  const table = (name: string) => {
    const { rawData } = model.index.initializers.get(name)!;
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    return (at: number) => view.getFloat32(4 * (position * half + at), true);
  };
  const [cos, sin] = [table(rotary.cosCache), table(rotary.sinCache)];
  const result = [...head];
  for (let at = 0; at < half; at++) {
    const [a, b] = [head[at], head[at + half]];
    result[at] = a * cos(at) - b * sin(at);
    result[at + half] = b * cos(at) + a * sin(at);
  }
  return result;
}

function reduce(rows: number[][], kind: 'max' | 'mean' | 'sum'): number[] {
  return rows[0].map((_, at) => {
    const column = rows.map((row) => row[at]);
    if (kind === 'max') return Math.max(...column);
    const sum = column.reduce((a, b) => a + b, 0);
    return kind === 'sum' ? sum : sum / rows.length;
  });
}
