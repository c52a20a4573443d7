import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ModelFileError } from '../errors.js';

/**
 * Places where the ONNX file of a folder is looked for, in this order. If none exists, the only
 * ONNX file is taken.
 */
export const modelFileNames = [
  'onnx/model_quantized.onnx',
  'onnx/model_q8.onnx',
  'onnx/model_int8.onnx',
  'onnx/model_q4.onnx',
  'onnx/model.onnx',
  'model_quantized.onnx',
  'model.onnx',
] as const;

/** Why a file of another name is not taken, by a pattern of its name. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/fp16|f16/, 'float16, mostly for GPUs'],
  [/merged/, 'two graphs in one'],
  [/encoder|vision|audio|embed/, 'a part of a model'],
];

/** @throws ModelFileError that lists what is there, and why it was passed over */
export async function findOnnxFile(folder: string): Promise<string> {
  for (const name of modelFileNames) if (await isReadableFile(path.join(folder, name))) return name;
  const found = await listOnnxFiles(folder);
  const [only, ...others] = found.filter(({ problem }) => !problem);
  if (only && others.length === 0) return only.name;
  const lookedFor = `looked for ${modelFileNames.join(', ')}`;
  if (found.length === 0)
    throw new ModelFileError(`no ONNX file in '${folder}'; ${lookedFor}. ${await advice(folder)}`);
  const list = found.map(({ name, problem }) => `${name} (${problem ?? reasonFor(name)})`);
  throw new ModelFileError(
    `no ONNX file of a known name in '${folder}'; ${lookedFor}. It has ${list.join(', ')}. ${only ? `Give the one to open, such as '${path.join(folder, only.name)}'.` : 'Download it again.'}`,
  );
}

interface Found {
  /** Relative to the folder. */
  readonly name: string;
  /** Why it cannot be opened at all. */
  readonly problem?: string;
}

async function listOnnxFiles(folder: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const below of ['onnx', '']) {
    const entries = await readdir(path.join(folder, below)).catch(() => []);
    for (const entry of entries.filter((one) => one.endsWith('.onnx')).sort()) {
      const name = path.posix.join(below, entry);
      found.push({ name, ...(await problemOf(path.join(folder, name))) });
    }
  }
  return found;
}

async function problemOf(file: string): Promise<{ problem: string } | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return { problem: 'a link that leads nowhere' };
  if (!found.isFile()) return { problem: 'not a file' };
  return (await isReadableFile(file)) ? undefined : { problem: 'cannot be read' };
}

function reasonFor(name: string): string {
  return reasons.find(([pattern]) => pattern.test(name))?.[1] ?? 'another name, one of several';
}

/** Says what the folder may be instead of a model. */
async function advice(folder: string): Promise<string> {
  const entries = await readdir(folder).catch((): string[] => []);
  if (entries.includes('snapshots') && entries.includes('blobs')) {
    const revisions = await readdir(path.join(folder, 'snapshots')).catch((): string[] => []);
    return `It is a repository in the cache of a hub client: give one of its snapshots, such as '${path.join(folder, 'snapshots', revisions[0] ?? '<revision>')}'.`;
  }
  const other = entries.find((name) => /\.(safetensors|gguf|bin|pt)$/.test(name));
  if (other) return `It has ${other}, which is another format: download or make an ONNX export.`;
  return 'Download one, or give the file itself.';
}

async function isReadableFile(file: string): Promise<boolean> {
  try {
    await access(file, constants.R_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
