import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnyMiddleware, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';

/** Surroundings of the calls: a mock decoder, a saved generation, a folder for files. */
export const tokenizer = mockTokenizer();
export const decoder = (options: Parameters<typeof mockDecoder>[0] = {}) =>
  mockDecoder({ layers: 10, maxPositions: 512, ...options });
export const stack = () => pipeline(decoder(), { tokenizer });
export const two = { maxNewTokens: 2 };
export const chat = () => ({
  messages: [{ role: 'user', content: 'abc', keep: 'always' as const }],
});
export const started = () => stack().start(chat(), { maxNewTokens: 4 });

/** Runs a middleware over a prompt that is long enough for it to do something. */
export const run = (middleware: AnyMiddleware) =>
  stack()
    .use(middleware as never)
    .generate({ text: 'abc def ghi jkl mno pqr stu vwx yz. '.repeat(2) }, two);

export const folder = mkdtempSync(join(tmpdir(), 'pliant-arguments-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

// A wrong path that is right by chance is written there.
process.chdir(folder);

export const savedGeneration = join(folder, 'saved');
const generation = await started();
await generation.step();
await generation.save(savedGeneration);
await generation.close();
