import { constants } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { ModelFileError } from './errors.js';

/** Where the ONNX file of a folder is looked for, in this order. */
export const modelFileNames = [
  'onnx/model_quantized.onnx',
  'onnx/model_q8.onnx',
  'onnx/model_int8.onnx',
  'onnx/model_q4.onnx',
  'onnx/model.onnx',
  'model_quantized.onnx',
  'model.onnx',
] as const;

const megabyte = 2 ** 20;
const largestGraph = 1024 * megabyte;
const largestJson = 256 * megabyte;

/** A model on disk; every path is real, and inside `folder`. */
export interface ModelFiles {
  /** With config.json and tokenizer.json. */
  readonly folder: string;
  /** The ONNX file. */
  readonly file: string;
}

/**
 * @param source a folder, or an ONNX file; config.json stands beside the file or above its folder `onnx`
 * @param name the ONNX file relative to the folder, where known
 * @throws ModelFileError
 */
export async function findModelFiles(source: string, name?: string): Promise<ModelFiles> {
  const root = await real(source, 'model');
  if ((await stat(root)).isDirectory()) {
    const file = name ?? (await firstExisting(root));
    return { folder: root, file: await insideFolder(root, file) };
  }
  if (!root.endsWith('.onnx'))
    throw new ModelFileError(
      `'${source}' is not a folder and its name does not end in .onnx; give the model's folder or its ONNX file`,
    );
  const beside = path.dirname(root);
  const folder =
    path.basename(beside) === 'onnx' && !(await exists(path.join(beside, 'config.json')))
      ? path.dirname(beside)
      : beside;
  return { folder, file: root };
}

/** The real path of a file in the folder. @throws ModelFileError where it is missing or lies outside */
export async function insideFolder(folder: string, name: string): Promise<string> {
  const file = await real(path.resolve(folder, name), `file '${name}' of the model in '${folder}'`);
  const relative = path.relative(folder, file);
  if (relative.startsWith('..') || path.isAbsolute(relative))
    throw new ModelFileError(
      `'${name}' of the model in '${folder}' leads to '${file}', outside of the folder, which is not opened; copy the file into the folder`,
    );
  return file;
}

/** @throws ModelFileError where the file is empty or unreasonably large */
export async function readGraphFile(file: string): Promise<Uint8Array> {
  const { size } = await stat(file);
  if (size === 0) throw new ModelFileError(`'${file}' is empty; download it again`);
  if (size > largestGraph)
    throw new ModelFileError(
      `'${file}' has ${size} bytes; a graph of up to ${largestGraph} is read. Export the model with its weights in external data.`,
    );
  return readFile(file);
}

/** A JSON file of the folder; undefined where there is none. @throws ModelFileError for broken JSON */
export async function readJsonFile(folder: string, name: string): Promise<unknown> {
  if (!(await exists(path.join(folder, name)))) return undefined;
  const file = await insideFolder(folder, name);
  const { size } = await stat(file);
  if (size > largestJson) throw new ModelFileError(`'${file}' is too large to read: ${size} bytes`);
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new ModelFileError(
      `'${file}' is not JSON: ${(cause as Error).message}; download it again`,
      { cause },
    );
  }
}

async function firstExisting(folder: string): Promise<string> {
  for (const name of modelFileNames) if (await exists(path.join(folder, name))) return name;
  throw new ModelFileError(
    `no ONNX file in '${folder}'; looked for ${modelFileNames.join(', ')}. Download one, or give the file itself.`,
  );
}

async function exists(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function real(file: string, what: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (cause) {
    throw new ModelFileError(`no ${what}: '${file}' does not exist or cannot be read`, { cause });
  }
}
