import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromBinary } from '@bufbuild/protobuf';
import { argmax } from '@pliant/core';
import { evidenceNames } from '@pliant/core/engine';
import { readJson } from '@pliant/fixtures';
import { beforeAll, describe, expect, test } from 'vitest';
import { addPorts } from './assemble/ported-model.js';
import {
  distance,
  float,
  floats,
  GraphRunner,
  int64,
  openSession,
} from './graph-runner.test.support.js';
import { externalFiles } from './onnx/external-files.js';
import { ModelProtoSchema } from './onnx/onnx_pb.js';
import { GQA_INPUT } from './read/attention.js';
import { type ModelGraph, readModelGraph } from './read/model-graph.js';

const folder = fileURLToPath(new URL('../../../model-smollm2-135m/files/', import.meta.url));
const weights = `${folder}onnx`;
const bytes = new Uint8Array(readFileSync(`${weights}/model_quantized.onnx`));
const { ids } = readJson<{ ids: number[] }>('goldens/chat-1.json');
const COUNT = 6;

describe('the embedded model', () => {
  const model = readModelGraph(bytes, JSON.parse(readFileSync(`${folder}config.json`, 'utf8')));
  let unedited: { tokens: number[]; logits: Float32Array };

  beforeAll(async () => {
    unedited = await uneditedGreedy(model);
  });

  test('sizes, files and capabilities', () => {
    expect(model.shape).toEqual({
      layers: 30,
      heads: 9,
      kvHeads: 3,
      headDim: 64,
      hidden: 576,
      vocabulary: 49152,
      maxPositions: 8192,
    });
    expect(readModelGraph(bytes).shape).toEqual(model.shape);
    expect(model.externalFiles).toEqual([
      'model_quantized.onnx_data',
      'model_quantized.onnx_data_1',
    ]);
    expect(model.missing).toEqual({});
    expect(model.kvElementType).toBe('float');
  });

  test('greedy tokens equal those of the unedited file', async () => {
    const runner = await GraphRunner.open(model, {}, weights);
    const { logits } = await runner.forward(ids, 0);
    expect(distance(logits, unedited.logits)).toBeLessThan(1e-4);
    const [first, ...rest] = unedited.tokens;
    expect(argmax(logits)).toBe(first);
    expect((await runner.greedy(first, ids.length, COUNT - 1)).tokens).toEqual(rest);
  });

  test('so they do with every port, all gates on', async () => {
    const ports = { gates: true, evidence: evidenceNames };
    const runner = await GraphRunner.open(model, ports, weights);
    const { logits } = await runner.forward(ids, 0, { queryRows: 2 });
    const [first, ...rest] = unedited.tokens;
    expect(argmax(logits)).toBe(first);
    expect((await runner.greedy(first, ids.length, COUNT - 1)).tokens).toEqual(rest);
  });

  test('a cut graph names only the weights of its layers', () => {
    const ports = { cache: 'in-place', gates: false } as const;
    const whole = readCut(model, 30);
    const cut = readCut(model, 10);
    expect(cut.some((name) => name.includes('layers.9.'))).toBe(true);
    expect(cut.filter((name) => /layers\.(1\d|2\d)\./.test(name))).toEqual([]);
    expect(whole.filter((name) => /layers\.29\./.test(name)).length).toBeGreaterThan(0);
    const all = Buffer.from(addPorts(model, { ...ports, layers: 30 }));
    expect(all.equals(addPorts(model, ports))).toBe(true);
  });
});

/** Names of the initializers of a cut graph. */
function readCut(model: ModelGraph, layers: number): string[] {
  const cut = addPorts(model, {
    cache: 'in-place',
    gates: false,
    layers,
  });
  const { graph } = fromBinary(ModelProtoSchema, cut);
  expect(externalFiles(graph!.initializer).length).toBeGreaterThan(0);
  return graph!.initializer.map(({ name }) => name);
}

async function uneditedGreedy(
  model: ModelGraph,
): Promise<{ tokens: number[]; logits: Float32Array }> {
  const session = await openSession(bytes, weights);
  const { kvHeads, headDim, vocabulary } = model.shape;
  const tokens: number[] = [];
  let logits = new Float32Array();
  let past: { [name: string]: ReturnType<typeof float> } = {};
  for (const { node } of model.attentions)
    for (const at of [GQA_INPUT.pastKey, GQA_INPUT.pastValue])
      past[node.input[at]] = float([], [1, kvHeads, 0, headDim]);
  let next = ids;
  while (tokens.length < COUNT) {
    const total = ids.length + tokens.length;
    const results = await session.run({
      input_ids: int64(next, [1, next.length]),
      attention_mask: int64(new Array<number>(total).fill(1), [1, total]),
      ...past,
    });
    const all = floats(results[model.names.logits]);
    const last = Float32Array.from(all.subarray(all.length - vocabulary));
    if (tokens.length === 0) logits = last;
    past = {};
    for (const { node } of model.attentions) {
      past[node.input[GQA_INPUT.pastKey]] = results[node.output[1]];
      past[node.input[GQA_INPUT.pastValue]] = results[node.output[2]];
    }
    next = [argmax(last)];
    tokens.push(next[0]);
  }
  return { tokens, logits };
}
