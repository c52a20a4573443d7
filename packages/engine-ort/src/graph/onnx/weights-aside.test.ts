import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { fixturePath } from '@pliant/fixtures';
import { expect, it } from 'vitest';
import { tinyModels } from '../../goldens.test.support.js';
import { readModelGraph } from '../read/model-graph.js';
import { ModelProtoSchema } from './onnx_pb.js';
import { withWeightsAside } from './weights-aside.js';

it.each(tinyModels)('the large weights of %s stay in their file, at their place', (name) => {
  const file = fixturePath(`models/${name}/onnx/model.onnx`);
  const bytes = readFileSync(file);
  const whole = fromBinary(ModelProtoSchema, bytes).graph!.initializer;
  const aside = withWeightsAside(fromBinary(ModelProtoSchema, bytes), bytes, 'model.onnx');
  let moved = 0;
  for (const [at, { rawData, externalData }] of aside.graph!.initializer.entries()) {
    expect(rawData.buffer).not.toBe(bytes.buffer);
    const entry = Object.fromEntries(externalData.map(({ key, value }) => [key, value]));
    if (entry.location === 'model.onnx') {
      const [start, length] = [Number(entry.offset), Number(entry.length)];
      expect(bytes.subarray(start, start + length).equals(whole[at].rawData)).toBe(true);
      moved += length;
    } else expect(Buffer.from(rawData).equals(whole[at].rawData)).toBe(true);
  }
  expect(toBinary(ModelProtoSchema, aside).length).toBeLessThan(bytes.length - 0.9 * moved);
  const { externalFiles } = readModelGraph(bytes, config(name), 'model.onnx');
  expect(externalFiles.includes('model.onnx')).toBe(moved > 0);
});

it('a view into a larger buffer is measured from its own beginning', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pliant-'));
  const copy = path.join(folder, 'model.onnx');
  copyFileSync(fixturePath('models/tiny-llama/onnx/model.onnx'), copy);
  const bytes = readFileSync(copy);
  const view = Buffer.concat([Buffer.alloc(100), bytes]).subarray(100);
  const read = (from: Uint8Array) =>
    withWeightsAside(fromBinary(ModelProtoSchema, from), from, 'model.onnx');
  expect(toBinary(ModelProtoSchema, read(view))).toEqual(toBinary(ModelProtoSchema, read(bytes)));
  rmSync(folder, { recursive: true });
});

function config(name: string): unknown {
  return JSON.parse(readFileSync(fixturePath(`models/${name}/config.json`), 'utf8'));
}
