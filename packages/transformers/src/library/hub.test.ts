import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { smollm2 } from '@pliant/model-smollm2-135m';
import * as library from '@xenova/transformers';
import { env } from '@xenova/transformers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HubError } from '../base/errors.js';
import { openTokenizer } from '../open-tokenizer.js';
import type { HubProgress } from './hub.js';

const served = ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json', 'config.json'];
const before = { ...env };
let server: Server;
let requests: string[];
let cacheFolder: string;

beforeEach(async () => {
  requests = [];
  cacheFolder = await mkdtemp(join(tmpdir(), 'pliant-hub-'));
  server = createServer(async (request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const name = path.split('/').at(-1) ?? '';
    if (path.startsWith('/owner/model/resolve/main/') && served.includes(name))
      response.end(await readFile(join(smollm2.folder, name)));
    else if (path.startsWith('/owner/broken/')) request.socket.destroy();
    else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  env.remoteHost = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  Object.assign(env, before);
  await new Promise((closed) => server.close(closed));
  await rm(cacheFolder, { recursive: true });
});

describe('a hub id', () => {
  it('is refused without permission, without a request', async () => {
    await expect(openTokenizer('owner/model', { library })).rejects.toThrow(HubError);
    await expect(openTokenizer('owner/model')).rejects.toThrow(/hub: \{ allow: true \}/);
    expect(requests).toEqual([]);
  });

  it('is downloaded once, with progress, and then read from the cache folder', async () => {
    const progress: HubProgress[] = [];
    const hub = {
      allow: true,
      cacheFolder,
      onProgress: (p: HubProgress) => void progress.push(p),
    } as const;
    const tokenizer = await openTokenizer('owner/model', { library, hub });
    expect(tokenizer.fingerprint).toBe((await openTokenizer(smollm2)).fingerprint);
    const last = progress.filter(({ file }) => file === 'tokenizer.json').at(-1);
    expect(last?.loaded).toBe((await readFile(join(smollm2.folder, 'tokenizer.json'))).length);
    expect((await readdir(join(cacheFolder, 'owner/model'))).sort()).toEqual(served.toSorted());
    const asked = requests.length;
    await openTokenizer('owner/model', { library, hub });
    expect(requests).toHaveLength(asked);
  });

  it.each([
    ['nobody/nothing', /answered 404/],
    ['owner/broken', /could not be downloaded/],
  ])('that fails (%s) is a typed error and leaves no tokenizer behind', async (id, message) => {
    const hub = { allow: true, cacheFolder } as const;
    await expect(openTokenizer(id, { library, hub })).rejects.toThrow(HubError);
    await expect(openTokenizer(id, { library, hub })).rejects.toThrow(message);
    expect(await readdir(join(cacheFolder, id))).toEqual([]);
  });

  it("is not downloaded against the library's own setting", async () => {
    env.allowRemoteModels = false;
    const hub = { allow: true, cacheFolder } as const;
    await expect(openTokenizer('owner/model', { library, hub })).rejects.toThrow(
      /allowRemoteModels/,
    );
    expect(requests).toEqual([]);
  });

  it.each(['../model', 'owner/...', 'a/b/c', '/owner/model', 'owner\\model'])(
    'is never a path out of the cache folder: %s',
    async (id) => {
      const hub = { allow: true, cacheFolder } as const;
      await expect(openTokenizer(id, { library, hub })).rejects.toThrow(/is not a folder/);
      expect(requests).toEqual([]);
    },
  );
});
