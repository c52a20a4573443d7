import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HubError } from '../base/errors.js';
import type { LibraryEnvironment } from './library.js';
import { sizeLimit } from './model-files.js';

export interface HubProgress {
  readonly file: string;
  /** Bytes so far. */
  readonly loaded: number;
  /** Bytes of the file, where the server says so. */
  readonly total?: number;
}

/** tokenizer.json comes last: with it in the cache folder, the others are there too. */
const files = [
  'config.json',
  'generation_config.json',
  'genai_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  'tokenizer_config.json',
  'tokenizer.json',
];

/** `name` or `owner/name`, as the hub spells them; never a path out of the cache folder. */
export function isHubId(source: string): boolean {
  return (
    /^[\w.-]+(\/[\w.-]+)?$/.test(source) && source.split('/').every((part) => /[^.]/.test(part))
  );
}

/**
 * Downloads the tokenizer files of a model from the library's `env.remoteHost` into `folder`.
 * @throws HubError when the library's `env` forbids it, and when a download fails
 */
export async function downloadTokenizer(
  id: string,
  folder: string,
  environment: LibraryEnvironment,
  onProgress?: (progress: HubProgress) => void,
): Promise<void> {
  if (!environment.allowRemoteModels)
    throw new HubError(
      `'${id}' cannot be downloaded: env.allowRemoteModels of the library is false. Set it to true, or give a folder.`,
    );
  await mkdir(folder, { recursive: true });
  const path = environment.remotePathTemplate
    .replaceAll('{model}', id)
    .replaceAll('{revision}', 'main');
  for (const file of files) {
    const url = new URL(`${path.replace(/\/?$/, '/')}${file}`, environment.remoteHost);
    await download(url, folder, file, environment.fetch ?? fetch, onProgress);
  }
}

async function download(
  url: URL,
  folder: string,
  file: string,
  request: typeof fetch,
  onProgress?: (progress: HubProgress) => void,
): Promise<void> {
  const failed = (why: string, cause?: unknown) =>
    new HubError(
      `${url} ${why}. Check the id and the connection; for a model with restricted access, download it yourself and give the folder.`,
      { cause },
    );
  const partial = join(folder, `${file}.${process.pid}.partial`);
  try {
    const response = await request(url);
    if (response.status === 404 && file !== 'tokenizer.json') {
      await response.body?.cancel();
      return;
    }
    if (!response.ok || !response.body) throw failed(`answered ${response.status}`);
    const total = Number(response.headers.get('content-length')) || undefined;
    let loaded = 0;
    const count = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        loaded += chunk.length;
        if (loaded > sizeLimit(file)) {
          done(failed(`sends more than the ${sizeLimit(file)} bytes accepted`));
          return;
        }
        onProgress?.({ file, loaded, total });
        done(null, chunk);
      },
    });
    // Two declarations of the same web stream: the DOM's and Node's.
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(body, count, createWriteStream(partial));
    await rename(partial, join(folder, file));
  } catch (error) {
    await rm(partial, { force: true });
    throw HubError.isInstance(error)
      ? error
      : failed(`could not be downloaded: ${(error as Error).message}`, error);
  }
}
