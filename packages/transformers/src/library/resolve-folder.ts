import { join, resolve } from 'node:path';
import type { ModelDescriptor } from '@pliant/core';
import { HubError, ModelFilesError } from '../base/errors.js';
import { downloadTokenizer, type HubProgress, isHubId } from './hub.js';
import type { Library } from './library.js';
import { isFolder, readModelText } from './model-files.js';

export interface HubPermission {
  readonly cacheFolder?: string;
  readonly onProgress?: (progress: HubProgress) => void;
}

/**
 * The folder with the files of `source`: a descriptor's, a local folder, one downloaded earlier, or
 * else a download if `hub` allows it.
 * @throws ModelFilesError if there is no such folder, HubError if a hub id may not or could not be
 * downloaded
 */
export async function resolveFolder(
  source: ModelDescriptor | string,
  library: Library,
  hub?: HubPermission,
): Promise<string> {
  const given = typeof source === 'string' ? source : source.folder;
  const folder = resolve(given);
  if (await isFolder(folder)) return folder;
  if (typeof source !== 'string' || !isHubId(source))
    throw new ModelFilesError(folder, 'is not a folder; give the folder that holds tokenizer.json');
  if (!hub)
    throw new HubError(
      `'${source}' is not a folder here (looked for ${folder}), and as a hub id it may not be downloaded without permission: openTokenizer('${source}', { hub: { allow: true } })`,
    );
  const environment = await library.environment();
  const cacheFolder = hub.cacheFolder ?? environment.cacheDir;
  if (!cacheFolder) throw new HubError(`'${source}' needs a place to be kept: set hub.cacheFolder`);
  const cached = join(resolve(cacheFolder), source);
  if ((await isFolder(cached)) && (await readModelText(cached, 'tokenizer.json')) !== undefined)
    return cached;
  await downloadTokenizer(source, cached, environment, hub.onProgress);
  return cached;
}
