import { argmax } from '@pliant/core';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fixturePath } from '@pliant/fixtures';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelFileError } from '../errors.js';
import { readGolden } from '../goldens.test.support.js';
import { openDecoder } from '../open-decoder.js';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'pliant-')));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const tiny = fixturePath('models/tiny-llama');
const graph = path.join(tiny, 'onnx/model.onnx');
const { prompts } = readGolden('tiny-llama');

/** A folder with config.json and files at these places, each the tiny model's graph. */
function modelFolder(...files: string[]): string {
  const folder = path.join(root, 'model');
  mkdirSync(path.join(folder, 'onnx'), { recursive: true });
  copyFileSync(path.join(tiny, 'config.json'), path.join(folder, 'config.json'));
  for (const file of files) copyFileSync(graph, path.join(folder, file));
  return folder;
}

/** As Python's hub client stores a folder: blobs, and a snapshot of links to them. */
function cached(folder: string): string {
  const repository = path.join(root, 'models--a--b');
  const snapshot = path.join(repository, 'snapshots', '0123abcd');
  mkdirSync(path.join(repository, 'blobs'), { recursive: true });
  const names = readdirSync(folder, { recursive: true }) as string[];
  for (const [index, name] of names.entries()) {
    if (!statSync(path.join(folder, name)).isFile()) continue;
    const blob = path.join(repository, 'blobs', `blob${index}`);
    const link = path.join(snapshot, name);
    mkdirSync(path.dirname(link), { recursive: true });
    copyFileSync(path.join(folder, name), blob);
    symlinkSync(path.relative(path.dirname(link), blob), link);
  }
  return snapshot;
}

async function firstToken(source: string, ids: readonly number[]): Promise<number> {
  const decoder = await openDecoder(source, { threads: 1 });
  try {
    const sequence = await decoder.open();
    return argmax((await sequence.forward({ ids: Int32Array.from(ids) })).logits);
  } finally {
    await decoder.close();
  }
}

const refusal = (source: string): Promise<Error> =>
  openDecoder(source).then(
    () => expect.fail('it opened'),
    (error: Error) => error,
  );

describe('a snapshot in the cache of a hub client', () => {
  it('opens as a folder and as a file, with the weights in the file', async () => {
    const snapshot = cached(tiny);
    const [token] = prompts.short.greedyTokens;
    expect(await firstToken(snapshot, prompts.short.ids)).toBe(token);
    expect(await firstToken(path.join(snapshot, 'onnx/model.onnx'), prompts.short.ids)).toBe(token);
    const message = (await refusal(path.join(snapshot, '../..'))).message;
    expect(message).toMatch(/cache of a hub client.*snapshots\/0123abcd'/);
  });

  it('opens with weights beside the file, also where some are no links', async () => {
    const snapshot = cached(smollm2.folder);
    const ids = [504, 3575, 282, 4649, 314];
    const token = await firstToken(smollm2.folder, ids);
    expect(await firstToken(snapshot, ids)).toBe(token);
    const weights = path.join(snapshot, 'onnx/model_quantized.onnx_data');
    const blob = realpathSync(weights);
    rmSync(weights);
    cpSync(blob, weights);
    expect(await firstToken(snapshot, ids)).toBe(token);
    const decoder = await openDecoder(snapshot);
    const original = await openDecoder(smollm2);
    expect(decoder.vocabularyFingerprint).toBe(original.vocabularyFingerprint);
    expect(await decoder.fingerprint()).toBe(await original.fingerprint());
    await decoder.close();
    await original.close();
  });

  it('leads nowhere else', async () => {
    const snapshot = cached(tiny);
    const link = path.join(snapshot, 'onnx/model.onnx');
    const other = path.join(root, 'models--c--d/blobs/blob');
    mkdirSync(path.dirname(other), { recursive: true });
    copyFileSync(graph, other);
    rmSync(link);
    symlinkSync(other, link);
    expect((await refusal(snapshot)).message).toMatch(/outside the folder/);
    expect((await refusal(link)).message).toMatch(/is a link to '.*models--c--d.*does not end in/);
  });
});

describe('an ONNX file of another name', () => {
  it.each([
    'onnx/model_fp16.onnx',
    'onnx/model_uint8.onnx',
    'decoder_model_merged.onnx',
    'llama.onnx',
  ])('opens as the only one: %s', async (name) => {
    const [token] = prompts.short.greedyTokens;
    expect(await firstToken(modelFolder(name), prompts.short.ids)).toBe(token);
  });

  it('is passed over for a reason where there are several', async () => {
    const folder = modelFolder('onnx/model_q4f16.onnx', 'onnx/model_bnb4.onnx', 'encoder.onnx');
    mkdirSync(path.join(folder, 'model.onnx'));
    symlinkSync(path.join(root, 'nowhere'), path.join(folder, 'onnx/model_q4.onnx'));
    const error = await refusal(folder);
    expect(error).toBeInstanceOf(ModelFileError);
    for (const part of [
      'onnx/model_q4f16.onnx (float16, mostly for GPUs)',
      'onnx/model_bnb4.onnx (another name, one of several)',
      'encoder.onnx (a part of a model)',
      'model.onnx (not a file)',
      'onnx/model_q4.onnx (a link that leads nowhere)',
      "such as '",
    ])
      expect(error.message).toContain(part);
  });

  it('is not a folder', async () => {
    const folder = modelFolder();
    mkdirSync(path.join(folder, 'onnx/model.onnx'));
    const error = await refusal(folder);
    expect(error).toBeInstanceOf(ModelFileError);
    expect(error.message).toMatch(/onnx\/model\.onnx \(not a file\).*Download it again/);
    const inside = await refusal(path.join(folder, 'onnx/model.onnx'));
    expect(inside).toBeInstanceOf(ModelFileError);
  });

  it('is told from other formats', async () => {
    const folder = modelFolder();
    writeFileSync(path.join(folder, 'model.safetensors'), 'x');
    expect((await refusal(folder)).message).toMatch(/model\.safetensors, which is another format/);
  });
});

it('reads a config.json that begins with a byte order mark', async () => {
  const folder = modelFolder('model.onnx');
  const file = path.join(folder, 'config.json');
  writeFileSync(file, `\uFEFF${readFileSync(file, 'utf8')}`);
  await (await openDecoder(folder)).close();
});
