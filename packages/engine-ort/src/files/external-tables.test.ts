import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { fixturePath } from '@pliant/fixtures';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ModelFileError } from '../errors.js';
import { openTiny } from '../goldens.test.support.js';
import {
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from '../graph/onnx/onnx_pb.js';
import { openDecoder } from '../open-decoder.js';

let folder: string;
let file: string;
let weights: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'pliant-'));
  file = path.join(folder, 'model.onnx');
  weights = path.join(folder, 'tables.bin');
  writeTables();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** tiny-llama with its rotation tables in a file of their own, one after the other. */
function writeTables(): void {
  const model = fromBinary(
    ModelProtoSchema,
    readFileSync(fixturePath('models/tiny-llama/onnx/model.onnx')),
  );
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const tensor of model.graph!.initializer) {
    if (!/^(cos|sin)_cache$/.test(tensor.name)) continue;
    parts.push(tensor.rawData);
    const place = { location: 'tables.bin', offset, length: tensor.rawData.length };
    tensor.externalData = Object.entries(place).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value: String(value) }),
    );
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    offset += tensor.rawData.length;
    tensor.rawData = new Uint8Array();
  }
  writeFileSync(weights, Buffer.concat(parts));
  writeFileSync(file, toBinary(ModelProtoSchema, model));
}

const ids = Int32Array.from({ length: 20 }, (_, i) => i * 3);
const edit = { keep: () => Uint32Array.of(0, 5, 11, 19), renumber: true } as const;

it('keys are turned by tables from a weight file, read at the first edit that needs them', async () => {
  const [plain, external] = [await openTiny('tiny-llama'), await openDecoder(file, { threads: 1 })];
  const [expected, sequence] = [await plain.open(), await external.open()];
  for (const one of [expected, sequence]) await one.forward({ ids });
  const before = sequence.save!();
  const whole = readFileSync(weights);
  // Another file each time, since the session has mapped the first one. The cosines come first; 32
  // positions of the sines are read.
  rmSync(weights);
  writeFileSync(weights, whole.subarray(0, whole.length / 2 + 1000));
  expect(() => sequence.edit(edit)).toThrow(ModelFileError);
  expect(() => sequence.edit(edit)).toThrow(/'sin_cache' is cut short: 1000 of 1024 bytes/);
  rmSync(weights);
  expect(() => sequence.edit(edit)).toThrow(/tables\.bin' cannot be read/);
  expect(sequence.save!()).toEqual(before);
  writeFileSync(weights, whole);
  for (const one of [expected, sequence]) one.edit(edit);
  rmSync(weights);
  for (const one of [expected, sequence]) one.edit({ ...edit, keep: () => Uint32Array.of(1, 3) });
  expect(sequence.save!()).toEqual(expected.save!());
  writeFileSync(weights, whole);
  for (const one of [expected, sequence]) {
    await one.forward({ ids: new Int32Array(100) });
    one.edit({ ...edit, keep: () => Uint32Array.of(40, 101) });
  }
  expect(sequence.save!()).toEqual(expected.save!());
  await external.close();
});

it('a fingerprint is of the file, its weights and the layers of a draft', async () => {
  const open = async () => {
    const decoder = await openDecoder(file, { threads: 1 });
    const drafts = [2, 4].map((layers) => decoder.draft({ layers }));
    const fingerprints = await Promise.all(
      [decoder, decoder, ...drafts].map((one) => one.fingerprint()),
    );
    await decoder.close();
    await expect(decoder.fingerprint()).rejects.toThrow('closed');
    return fingerprints;
  };
  const [first, again, draft, wholeDraft] = await open();
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(again).toBe(first);
  expect(wholeDraft).toBe(first);
  expect(draft).not.toBe(first);
  expect(await open()).toEqual([first, again, draft, wholeDraft]);
  const changed = readFileSync(weights);
  changed[changed.length - 1] ^= 1;
  writeFileSync(weights, changed);
  const [other] = await open();
  expect(other).not.toBe(first);
  expect(await (await openTiny('tiny-llama')).fingerprint()).not.toBe(first);
});
