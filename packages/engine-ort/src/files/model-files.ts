import { constants } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { belongsToFolder } from '@pliant/core/engine';
import { ModelFileError } from '../errors.js';
import { findOnnxFile } from './find-onnx-file.js';

const megabyte = 2 ** 20;
/** A length in protobuf, and what Node reads at once, end here. */
const largestGraph = 2 ** 31 - 1;
const largestJson = 256 * megabyte;

/** A model on disk. */
export interface ModelFiles {
  /** With config.json and tokenizer.json. */
  readonly folder: string;
  /**
   * The ONNX file: in the folder, or a link from there into the blobs of the same cached
   * repository.
   */
  readonly file: string;
}

/**
 * @param source a folder, or an ONNX file; config.json is beside the file or above its folder
 * `onnx`
 * @param name the ONNX file relative to the folder, if known
 * @throws ModelFileError
 */
export async function findModelFiles(source: string, name?: string): Promise<ModelFiles> {
  const root = await real(
    source,
    'model',
    "; give the path of the model's folder or ONNX file (nothing is downloaded)",
  );
  if ((await stat(root)).isDirectory()) {
    const file = path.join(root, name ?? (await findOnnxFile(root)));
    await insideFolder(root, file);
    return { folder: root, file };
  }
  // A cache is recognised by the place of the link, not by its target.
  const given = path.join(await realpath(path.dirname(source)), path.basename(source));
  const file = belongsToFolder(path.dirname(given), root) ? given : root;
  if (!file.endsWith('.onnx'))
    throw new ModelFileError(
      given.endsWith('.onnx')
        ? `'${source}' is a link to '${root}', whose name does not end in .onnx; give that file under its own name, or the model's folder`
        : `'${source}' is not a folder and its name does not end in .onnx; give the model's folder or its ONNX file`,
    );
  const beside = path.dirname(file);
  const folder =
    path.basename(beside) === 'onnx' && !(await exists(path.join(beside, 'config.json')))
      ? path.dirname(beside)
      : beside;
  return { folder, file };
}

/**
 * Returns the real path of a file in the folder.
 * @throws ModelFileError if it is missing, not a file, or outside the folder and the blobs that
 * belong to it
 */
export async function insideFolder(folder: string, name: string): Promise<string> {
  const what = `'${path.relative(folder, path.resolve(folder, name))}' of the model in '${folder}'`;
  const file = await real(path.resolve(folder, name), `file ${what}`);
  if (!belongsToFolder(folder, file))
    throw new ModelFileError(
      `${what} leads to '${file}', outside the folder, which is not opened; copy the file into the folder`,
    );
  if (!(await stat(file)).isFile())
    throw new ModelFileError(`${what} is not a file; download it again`);
  return file;
}

/** @throws ModelFileError if the file is empty or larger than such a file can be */
export async function readGraphFile(file: string): Promise<Uint8Array> {
  const { size } = await stat(file);
  if (size === 0) throw new ModelFileError(`'${file}' is empty; download it again`);
  if (size > largestGraph)
    throw new ModelFileError(
      `'${file}' has ${size} bytes, and an ONNX file ends at ${largestGraph}. Export the model with its weights in external data.`,
    );
  return readFile(file);
}

/**
 * Reads a JSON file of the folder; undefined if there is none.
 * @throws ModelFileError for broken JSON
 */
export async function readJsonFile(folder: string, name: string): Promise<unknown> {
  if (!(await exists(path.join(folder, name)))) return undefined;
  const file = await insideFolder(folder, name);
  const { size } = await stat(file);
  if (size > largestJson) throw new ModelFileError(`'${file}' is too large to read: ${size} bytes`);
  try {
    return JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ModelFileError(
      `'${file}' is not JSON: ${(cause as Error).message}; download it again`,
      { cause },
    );
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function real(file: string, what: string, wayOut = ''): Promise<string> {
  try {
    return await realpath(file);
  } catch (cause) {
    throw new ModelFileError(`no ${what}: '${file}' does not exist or cannot be read${wayOut}`, {
      cause,
    });
  }
}
