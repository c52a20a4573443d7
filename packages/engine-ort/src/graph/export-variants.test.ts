import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { argmax } from '@pliant/core';
import { expect, test } from 'vitest';
import { addPorts } from './assemble/ported-model.js';
import { HIDDEN_MEANS } from './evidence/hidden-means.js';
import { QUERY_ROWS, queryRows } from './evidence/scores.js';
import {
  distance,
  float,
  floats,
  GraphRunner,
  int64,
  openSession,
  PLAIN_PORTS,
  tinyModel,
} from './graph-runner.test.support.js';
import { makeNode, makeValue } from './onnx/node-builder.js';
import { ModelProtoSchema, type NodeProto, TensorProto_DataType } from './onnx/onnx_pb.js';
import {
  INPUT_IDS,
  LOGIT_ROWS,
  LOGITS,
  POSITION_IDS,
  pastKey,
  pastValue,
  presentKey,
  SEQLENS_K,
  TOTAL_SEQUENCE_LENGTH,
} from './ports/port-names.js';
import type { Ports } from './ports/port-options.js';
import { GQA_INPUT } from './read/attention.js';
import { type ModelGraph, readModelGraph } from './read/model-graph.js';
import {
  buildScoresGraph,
  SCORES,
  SCORES_KEYS,
  SCORES_POSITIONS,
  SCORES_QUERY,
  SCORES_ROWS,
} from './scores/scores-graph.js';

const { FLOAT, FLOAT16, INT64 } = TensorProto_DataType;

test('rotation outside the operator, by a position_ids input of the file', async () => {
  const { bytes, config, golden } = tinyModel('qwen3');
  const model = readModelGraph(rotateOutside(bytes), config);
  expect(model.attentions[0].rotary).toBeUndefined();
  expect(model.missing).toEqual({
    'positions.renumber': expect.stringMatching(/outside the attention operators.*do_rotary/),
  });
  const { ids, greedyTokens } = golden.prompts.short;
  for (const gates of [false, true]) {
    const runner = await GraphRunner.open(model, { gates });
    await runner.forward(ids.slice(0, 10), 0);
    const { logits } = await runner.forward(ids.slice(10), 10);
    expect(distance(logits, golden.prompts.short.prefillLastLogits)).toBeLessThan(2e-4);
    const decoded = await runner.greedy(greedyTokens[0], ids.length, 5);
    expect(decoded.tokens).toEqual(greedyTokens.slice(1, 6));
  }
});

test('a float16 model: float logits, queries, means and scores', async () => {
  const { bytes, config, golden, model: full } = tinyModel('llama');
  const model = readModelGraph(toHalf(bytes), config);
  expect(model.kvElementType).toBe('float16');
  expect(model.missing).toEqual({
    'positions.renumber': expect.stringMatching(/'cos_cache' is of type FLOAT16/),
  });
  const { ids, prefillLastLogits, greedyTokens } = golden.prompts.short;
  const rows = 4;
  const half = await prefill(model, ids, rows);
  expect(distance(floats(half[LOGITS]), prefillLastLogits)).toBeLessThan(0.05);
  expect(argmax(floats(half[LOGITS]))).toBe(greedyTokens[0]);
  expect(half[presentKey(0)].type).toBe('float16');

  const ports: Partial<Ports> = { evidence: ['scores', 'hiddenMeans'] };
  const runner = await GraphRunner.open(full, ports);
  const { queries, means } = await runner.forward(ids, 0, { queryRows: rows });
  expect(distance(floats(half[queryRows(3)]), queries[3])).toBeLessThan(0.05);
  expect(distance(floats(half[HIDDEN_MEANS]), means!)).toBeLessThan(0.01);

  const exact = await prefill(full, ids, rows);
  const keys = half[presentKey(3)];
  // Expected scores contain the variance of the queries, which doubles their differences. So both
  // are given the same queries and keys.
  const given = [
    [false, exact[presentKey(3)], exact[queryRows(3)]],
    [true, float(fromHalf(keys.data as Uint16Array), keys.dims), half[queryRows(3)]],
  ] as const;
  for (const [expected, exactKeys, exactQuery] of given) {
    const scores = async (of: ModelGraph, own: typeof half.key, query: typeof half.key) => {
      const options = {
        reduceRows: 'mean',
        reduceHeads: 'mean',
        weighted: false,
        expected,
      } as const;
      const session = await openSession(buildScoresGraph(of, 3, options));
      const positions = Array.from({ length: rows }, (_, row) => ids.length - rows + row);
      const results = await session.run({
        [SCORES_QUERY]: query,
        [SCORES_POSITIONS]: int64(positions, [1, rows]),
        [SCORES_KEYS]: own,
        [SCORES_ROWS]: int64([ids.length], [1]),
      });
      return floats(results[SCORES]);
    };
    expect(
      distance(
        await scores(model, keys, half[queryRows(3)]),
        await scores(full, exactKeys, exactQuery),
      ),
    ).toBeLessThan(0.005);
  }
});

/** Results of a prefill by the graph with ports, as the runtime returns them. */
async function prefill(model: ModelGraph, ids: readonly number[], rows: number) {
  const { Tensor } = await import('onnxruntime-node');
  const { layers, kvHeads, headDim } = model.shape;
  const session = await openSession(
    addPorts(model, { ...PLAIN_PORTS, gates: false, evidence: ['scores', 'hiddenMeans'] }),
  );
  const int32 = (value: number, dimensions: readonly number[]) =>
    new Tensor('int32', new Int32Array(layers).fill(value), dimensions);
  const feeds: { [name: string]: ReturnType<typeof int64> } = {
    [INPUT_IDS]: int64(ids, [1, ids.length]),
    [POSITION_IDS]: int64([...ids.keys()], [1, ids.length]),
    [SEQLENS_K]: int32(ids.length - 1, [layers, 1]),
    [TOTAL_SEQUENCE_LENGTH]: int32(ids.length, [layers]),
    [LOGIT_ROWS]: int64([1], [1]),
    [QUERY_ROWS]: int64([rows], [1]),
  };
  for (let layer = 0; layer < layers; layer++)
    for (const name of [pastKey(layer), pastValue(layer)])
      feeds[name] =
        model.kvElementType === 'float'
          ? new Tensor('float32', new Float32Array(), [1, kvHeads, 0, headDim])
          : new Tensor('float16', new Uint16Array(), [1, kvHeads, 0, headDim]);
  return session.run(feeds);
}

/** Moves the rotation out of the attention operators, as exports for some devices have it. */
function rotateOutside(bytes: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const { graph } = model;
  graph!.input.push(makeValue('position_ids', INT64, ['batch_size', 'sequence_length']));
  graph!.node = graph!.node.flatMap((node) => {
    if (node.opType !== 'GroupQueryAttention') return [node];
    const [cos, sin] = node.input.splice(GQA_INPUT.cosCache, 2, '', '');
    for (const attribute of node.attribute) if (attribute.name === 'do_rotary') attribute.i = 0n;
    const rotations: NodeProto[] = [];
    for (const at of [GQA_INPUT.query, GQA_INPUT.key]) {
      const output = `${node.input[at]}/rotated`;
      rotations.push(
        makeNode(
          'com.microsoft:RotaryEmbedding',
          [node.input[at], 'position_ids', cos, sin],
          [output],
        ),
      );
      node.input[at] = output;
    }
    return [...rotations, node];
  });
  return toBinary(ModelProtoSchema, model);
}

/** float16 numbers, none of them infinite. */
function fromHalf(bits: Uint16Array): number[] {
  return Array.from(bits, (half) => {
    const [sign, exponent, fraction] = [half & 0x8000 ? -1 : 1, (half >> 10) & 31, half & 1023];
    return exponent === 0
      ? sign * fraction * 2 ** -24
      : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/** All floats of the model as float16. */
function toHalf(bytes: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = model.graph!;
  graph.valueInfo = [];
  for (const tensor of graph.initializer) {
    if (tensor.dataType !== FLOAT) continue;
    const { buffer, byteOffset, byteLength } = tensor.rawData.slice();
    const values = new Float32Array(buffer, byteOffset, byteLength / 4);
    tensor.dataType = FLOAT16;
    tensor.rawData = new Uint8Array(Uint16Array.from(values, halfBits).buffer);
  }
  for (const value of [...graph.input, ...graph.output]) {
    const type = value.type?.value;
    if (type?.case === 'tensorType' && type.value.elemType === FLOAT) type.value.elemType = FLOAT16;
  }
  return toBinary(ModelProtoSchema, model);
}

/** Bits of the nearest float16 of a value below 65,504 (tiny ones become 0). */
function halfBits(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign;
  const exponent = Math.floor(Math.log2(size));
  const fraction = Math.round((size / 2 ** exponent - 1) * 1024);
  return sign + ((exponent + 15) << 10) + fraction;
}
