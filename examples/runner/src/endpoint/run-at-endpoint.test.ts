import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { run } from '../run.test.support.js';
import { completion, type Received, serve } from './server.test.support.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'pliant-endpoint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sentence = 'The lighthouse keeper had a grey cat named Biscuit, who slept on the stairs. ';
const input = sentence.repeat(24);
const question = 'What is the name of the cat?';
const asked = ['--prompt', '-', '--question', question];
const environment = { PLIANT_API_KEY: 'sk-secret' };

const content = ({ body }: Received) =>
  (body as { messages: { content: string }[] }).messages.map((message) => message.content).join();

test('compare sends the whole prompt and the shortened one, and reports both', async () => {
  const { base, received } = await serve((response, request) =>
    response.end(JSON.stringify(completion(`Biscuit, of ${content(request).length} characters.`))),
  );
  const json = path.join(folder, 'runs.json');
  const { code, out, error } = await run(
    [
      ...['compare', '--endpoint', base, '--endpoint-model', 'small', ...asked, '--json', json],
      ...['--set', 'prompt-compress.keep=128', '--max-new-tokens', '12'],
    ],
    { input, environment },
  );
  expect(error).not.toContain('    at ');
  expect(code).toBe(0);
  const [whole, shortened] = received;
  expect(whole.body).toMatchObject({ model: 'small', max_tokens: 12, temperature: 0, seed: 0 });
  expect(whole.headers.authorization).toBe('Bearer sk-secret');
  expect(content(whole)).toBe(`${input.trim()}\n\n${question}`);
  expect(content(shortened).length).toBeLessThan(content(whole).length / 2);
  expect(content(shortened)).toContain(question);
  for (const request of received)
    expect(out).toContain(`Biscuit, of ${content(request).length} characters.`);
  expect(out).toMatch(/tokens kept +\d+ +1[0-2]\d\n/);

  const text = readFileSync(json, 'utf8');
  const { runs, ...report } = JSON.parse(text);
  expect(report).toEqual({
    endpoint: `${base}/chat/completions`,
    model: 'small',
    seed: 0,
    settings: { 'prompt-compress': { keep: 128 } },
  });
  expect(runs).toMatchObject([
    { stack: [], tokensKept: runs[0].tokens, compressMs: 0, dropped: [] },
    { stack: ['prompt-compress'], tokens: runs[0].tokens, tokensKept: expect.any(Number) },
  ]);
  for (const { usage, answerMs, finishReason } of runs)
    expect({ usage, answerMs, finishReason }).toEqual({
      usage: { promptTokens: 7, completionTokens: 3 },
      answerMs: expect.any(Number),
      finishReason: 'stop',
    });
  expect(out + error + text).not.toContain('sk-secret');
});

test('run without a stack sends the prompt as it is', async () => {
  const { base, received } = await serve((response) =>
    response.end(JSON.stringify(completion('\x1b[2JBiscuit'))),
  );
  const { code, out } = await run(['run', '--endpoint', base, ...asked], { input });
  expect(code).toBe(0);
  expect(received.length).toBe(1);
  expect(out).toContain('plain (stop)\n  [2JBiscuit\n');
});

test('a server that refuses ends with 1 and its reason', async () => {
  const { base } = await serve((response) => {
    response.statusCode = 404;
    response.end('no such model');
  });
  const { code, error } = await run(['run', '--endpoint', base, ...asked], { input });
  expect(error).toContain('status 404: no such model');
  expect(error).not.toContain('    at ');
  expect(code).toBe(1);
});

test('nothing is sent where the prompt cannot be shortened', async () => {
  const { base, received } = await serve((response) => response.end());
  const argv = ['compare', '--endpoint', base, ...asked, '--set', 'prompt-compress.keep=3'];
  const { code, error } = await run(argv, { input });
  expect(error).toContain("option 'keep'");
  expect(code).toBe(2);
  expect(received).toEqual([]);
});

test('an interrupt ends the waiting', async () => {
  const { base } = await serve(() => {});
  const { code, out } = await run(['run', '--endpoint', base, ...asked], {
    input,
    onError: (text, stop) => {
      if (text.includes('waiting')) stop();
    },
  });
  expect(out).toContain('(aborted)');
  expect(code).toBe(130);
});

test.each([
  [['run', '--endpoint', 'http://localhost', '--stack', 'layer-skip'], {}, 'layer-skip'],
  [['run', '--endpoint', 'http://localhost', '--max-new-tokens', '0'], {}, 'maxNewTokens'],
  [['run', '--endpoint', 'http://localhost'], { PLIANT_API_KEY: 'sk secret' }, 'PLIANT_API_KEY'],
])('wrong use %# exits with 2 and says why', async (argv, given, message) => {
  const { code, error } = await run(argv, { environment: given });
  expect(error).toContain(message);
  expect(error).not.toContain('sk secret');
  expect(code).toBe(2);
});
