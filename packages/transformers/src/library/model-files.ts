import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { belongsToFolder } from '@pliant/core/engine';
import { ModelFilesError } from '../base/errors.js';

/** Largest accepted size in bytes; the largest published tokenizer.json have 35 MB. */
const limits = { 'tokenizer.json': 2 ** 27, other: 2 ** 22 };

export function sizeLimit(name: string): number {
  return name === 'tokenizer.json' ? limits['tokenizer.json'] : limits.other;
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * Text of the file `name` in `folder`, `undefined` where there is none.
 * @throws ModelFilesError for a link out of the folder, a file that is too large or cannot be read
 */
export async function readModelText(folder: string, name: string): Promise<string | undefined> {
  const path = join(folder, name);
  try {
    const [real, root] = await Promise.all([realpath(path), realpath(folder)]);
    if (!belongsToFolder(root, real))
      throw new ModelFilesError(
        path,
        'links to a file outside of the model folder; copy the file into the folder',
      );
    const { size } = await stat(real);
    if (size > sizeLimit(name))
      throw new ModelFilesError(
        path,
        `has ${size} bytes, more than the ${sizeLimit(name)} accepted; is it the right file?`,
      );
    // Some editors put a byte order mark before a text.
    return (await readFile(real, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    if (ModelFilesError.isInstance(error)) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ModelFilesError(path, `cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A JSON object from the file `name` in `folder`, `undefined` where there is none.
 * @throws ModelFilesError as `readModelText` does, and for anything but a JSON object
 */
export async function readModelJson(folder: string, name: string): Promise<JsonObject | undefined> {
  const text = await readModelText(folder, name);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ModelFilesError(
      join(folder, name),
      `is not valid JSON (${(error as Error).message}); download it again`,
      { cause: error },
    );
  }
  if (!isObject(value))
    throw new ModelFilesError(
      join(folder, name),
      'does not hold a JSON object; is it the right file?',
    );
  return value;
}
