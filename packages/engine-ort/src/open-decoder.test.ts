import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { InvalidOptionsError, MissingCapabilityError, PliantError } from '@pliant/core';
import { fingerprintVocabulary } from '@pliant/core/engine';
import { fixturePath } from '@pliant/fixtures';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { OrtDecoder } from './decoder.js';
import { ModelFileError } from './errors.js';
import { openTiny, runtimes } from './goldens.test.support.js';
import { InvalidModelError, UnsupportedModelError } from './graph/errors.js';
import { ModelProtoSchema } from './graph/onnx/onnx_pb.js';
import { openDecoder } from './open-decoder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'pliant-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const tiny = fixturePath('models/tiny-llama');
const graph = readFileSync(path.join(tiny, 'onnx/model.onnx'));

describe('openDecoder', () => {
  it('refuses wrong options where they are written', async () => {
    for (const wrong of [{ threads: 0 }, { runtime: 'gpu' }, { expect: ['speed'] }, { thread: 2 }])
      await expect(openDecoder(tiny, wrong as object)).rejects.toBeInstanceOf(InvalidOptionsError);
  });

  it('refuses files that are missing or of another kind', async () => {
    const write = (name: string, content: string | Uint8Array) => {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    };
    const refused: [string, new (...args: never[]) => Error, RegExp][] = [
      [path.join(folder, 'nothing'), ModelFileError, /does not exist.*nothing is downloaded/],
      [folder, ModelFileError, /no ONNX file .* looked for onnx\/model_quantized\.onnx/],
      [write('model.gguf', 'GGUF'), ModelFileError, /does not end in \.onnx/],
      [write('empty.onnx', ''), ModelFileError, /is empty/],
      [write('page.onnx', '<!DOCTYPE html><html></html>'), InvalidModelError, /ONNX/],
      [write('json.onnx', JSON.stringify({ a: 1 })), InvalidModelError, /ONNX/],
    ];
    for (const [source, type, message] of refused) {
      const error = await openDecoder(source).catch((reason: Error) => reason);
      expect(error).toBeInstanceOf(type);
      expect((error as Error).message).toMatch(message);
    }
    writeFileSync(path.join(folder, 'config.json'), '{');
    writeFileSync(path.join(folder, 'model.onnx'), graph);
    await expect(openDecoder(folder)).rejects.toThrow(/config\.json' is not JSON/);
  });

  it('refuses a graph that is cut short, wherever it is cut', async () => {
    const file = path.join(folder, 'cut.onnx');
    for (let cut = 1; cut <= 40; cut++) {
      writeFileSync(file, graph.subarray(0, Math.floor((graph.length * (41 - cut)) / 41.5)));
      // A cut between two fields leaves a valid message: then the runtime finds what is missing.
      const error = await openDecoder(file, { threads: 1 })
        .then(async (decoder) => {
          try {
            await decoder.open();
          } finally {
            await decoder.close();
          }
        })
        .catch((reason: Error) => reason);
      expect(error).toBeInstanceOf(PliantError);
    }
  });

  it('refuses weights that are cut short, missing, or outside of the folder', async () => {
    const model = path.join(folder, 'model');
    mkdirSync(path.join(model, 'onnx'), { recursive: true });
    const copy = (name: string) => cpSync(path.join(smollm2.folder, name), path.join(model, name));
    copy('config.json');
    copy(smollm2.file);
    await expect(openDecoder(model)).rejects.toThrow(/model_quantized\.onnx_data/);
    for (const name of ['onnx/model_quantized.onnx_data', 'onnx/model_quantized.onnx_data_1'])
      symlinkSync(path.join(smollm2.folder, name), path.join(model, name));
    const outside = await openDecoder(model).catch((error: Error) => error);
    expect(outside).toBeInstanceOf(ModelFileError);
    expect((outside as Error).message).toMatch(/outside the folder/);
    for (const name of ['onnx/model_quantized.onnx_data', 'onnx/model_quantized.onnx_data_1']) {
      rmSync(path.join(model, name));
      copy(name);
    }
    await (await openDecoder(model)).close();
    truncateSync(path.join(model, 'onnx/model_quantized.onnx_data_1'), 1000);
    const cut = await openDecoder(model).catch((error: Error) => error);
    expect(cut).toBeInstanceOf(ModelFileError);
    expect((cut as Error).message).toMatch(/cut short: it has 1000 bytes, the graph needs \d{6,}/);
  });

  it.each(runtimes)('names an operator that the %s runtime lacks', async (runtime) => {
    const model = fromBinary(ModelProtoSchema, graph);
    const sigmoid = model.graph!.node.find(({ opType }) => opType === 'Sigmoid')!;
    sigmoid.opType = 'Sigmund';
    writeFileSync(path.join(folder, 'model.onnx'), toBinary(ModelProtoSchema, model));
    const decoder = await openDecoder(folder, { runtime, threads: 1 });
    const error = await decoder.open().catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(UnsupportedModelError);
    expect((error as Error).message).toMatch(/Sigmund/);
    await decoder.close();
  });

  it('verifies what a caller expects, and types it', async () => {
    const decoder = await openDecoder(tiny, { threads: 1, expect: ['kv.edit', 'scores'] });
    expectTypeOf(decoder).toEqualTypeOf<OrtDecoder<'kv.edit' | 'scores'>>();
    await decoder.close();
    const described = await openDecoder(
      {
        id: 'tiny',
        folder: tiny,
        file: 'onnx/model.onnx',
        capabilities: ['fork'],
        defaults: { a: 1 },
      },
      { threads: 1 },
    );
    expectTypeOf(described).toEqualTypeOf<OrtDecoder<'fork'>>();
    expect(described.id).toBe('tiny');
    expect(described.defaults).toEqual({ a: 1 });
    await described.close();

    const model = fromBinary(ModelProtoSchema, graph);
    for (const input of model.graph!.input)
      if (input.name.startsWith('past_key_values') && input.type?.value.case === 'tensorType')
        input.type.value.value.shape!.dim[0].value = { case: 'dimValue', value: 1n };
    writeFileSync(path.join(folder, 'model.onnx'), toBinary(ModelProtoSchema, model));
    const error = await openDecoder(folder, { expect: ['batch'] }).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(MissingCapabilityError);
    expect((error as Error).message).toMatch(/symbolic batch dimension/);
    const single = await openDecoder(folder, { threads: 1 });
    expect(single.inspect().capabilities).toContainEqual({
      capability: 'batch',
      available: false,
      reason: expect.stringMatching(/fixed to a batch of 1/),
    });
    await expect(single.forwardBatch!([], [])).rejects.toBeInstanceOf(MissingCapabilityError);
    await single.close();
  });

  it.each(runtimes)('inspects a decoder on the %s runtime', async (runtime) => {
    const decoder = await openTiny('tiny-mistral', { runtime, threads: 2 });
    expect(decoder.inspect()).toMatchObject({
      id: 'tiny-mistral',
      runtime: {
        kind: runtime,
        reason: 'asked for',
        version: expect.stringMatching(/^1\.\d+\.\d+/),
      },
      threads: 2,
      telemetry: 'off',
      shape: { layers: 4, heads: 4, kvHeads: 2, headDim: 16, slidingWindows: [32, 32, 32, 32] },
      sessions: [],
    });
    expect(decoder.inspect().capabilities.filter(({ available }) => !available)).toEqual([
      {
        capability: 'positions.renumber',
        available: false,
        reason: expect.stringMatching(/newest 32 rows.*without sliding windows/),
      },
    ]);
    await decoder.prepare(['scores']);
    await decoder.prepare();
    expect(decoder.inspect().sessions).toEqual(['scores', 'plain']);
    expect(decoder.vocabularyFingerprint).toBeUndefined();
  });

  it('fingerprints the vocabulary beside the model', async () => {
    const decoder = await openDecoder(smollm2);
    const { model, added_tokens: added } = readTokenizer();
    const tokens: string[] = [];
    for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
    for (const { id, content } of added) tokens[id] = content;
    expect(tokens.length).toBe(decoder.shape.vocabulary);
    expect(decoder.vocabularyFingerprint).toBe(fingerprintVocabulary(tokens));
    await decoder.close();
  });
});

function readTokenizer(): {
  model: { vocab: { [token: string]: number } };
  added_tokens: { id: number; content: string }[];
} {
  return JSON.parse(readFileSync(path.join(smollm2.folder, 'tokenizer.json'), 'utf8'));
}
