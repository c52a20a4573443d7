import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runExample } from './run-example.js';

const folder = mkdtempSync(join(tmpdir(), 'pliant-example-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('runExample', () => {
  it('runs TypeScript with top-level await and returns what it prints', async () => {
    const code =
      "import os from 'node:os';\nconst n: number = await 7;\nconsole.log(JSON.stringify([n, typeof os.EOL]));";
    const { stdout } = await runExample(code, join(folder, 'good.mjs'));
    expect(stdout).toBe('[7,"string"]\n');
  });

  it('fails on an error, with the example’s own message', async () => {
    const running = runExample("throw new Error('no such model');", join(folder, 'bad.mjs'));
    await expect(running).rejects.toThrow('no such model');
  });

  it('stops an example that does not end', async () => {
    const running = runExample('setInterval(() => {}, 1000);', join(folder, 'endless.mjs'), 300);
    await expect(running).rejects.toThrow('The example failed');
  });
});
