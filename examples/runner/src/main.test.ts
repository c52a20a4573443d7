import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { run } from './run.test.support.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'pliant-runner-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const document = path.join(folder, 'document.txt');
const sentence = 'The lighthouse keeper had a grey cat named Biscuit, who slept on the stairs. ';
writeFileSync(document, sentence.repeat(12));
const question = ['--question', 'What is the name of the cat?'];

test('compare writes both runs as JSON', async () => {
  const json = path.join(folder, 'runs.json');
  const { code, out } = await run([
    ...['--prompt', document, ...question, '--max-new-tokens', '12', '--json', json],
    ...['--set', 'prompt-compress.keep=128', '--set', 'kv-drop.budget=96'],
  ]);
  expect(code).toBe(0);
  expect(out).toContain('time to first token ms');
  const report = JSON.parse(readFileSync(json, 'utf8'));
  expect(report).toMatchObject({ model: 'smollm2-135m-instruct', seed: 0 });
  const [plain, stacked] = report.runs;
  expect(plain).toMatchObject({ stack: [], finishReason: expect.any(String), warnings: [] });
  expect(plain.text).toContain('Biscuit');
  expect(stacked.stack).toEqual(['prompt-compress', 'kv-drop', 'layer-skip', 'constrain']);
  expect(stacked.metrics).toMatchObject({
    promptTokens: plain.metrics.promptTokens,
    middlewares: {
      'prompt-compress': { tokensKept: stacked.metrics.promptTokensKept },
      'kv-drop': { rowsKept: 96 },
      'layer-skip': { layersSkipped: 1 },
      constrain: { checks: expect.any(Number) },
    },
  });
  // Whole sentences: what is left over is too little for another one.
  expect(stacked.metrics.promptTokensKept).toBeLessThanOrEqual(128);
  expect(stacked.metrics.promptTokensKept).toBeGreaterThan(96);
  for (const { metrics } of report.runs)
    for (const name of ['prefillMs', 'timeToFirstTokenMs', 'kvBytesAfterPrefill', 'kvBytesPeak'])
      expect(metrics[name]).toBeGreaterThan(0);
});

test('run reads standard input and takes options of a policy', async () => {
  const { code, out, error } = await run(
    [
      ...['run', '--prompt', '-', ...question, '--max-new-tokens', '12', '--stack', 'kv-drop'],
      ...['--set', 'kv-drop.policy=streamingLLM', '--set', 'kv-drop.policy.sinks=8'],
      ...['--set', 'kv-drop.policy.chunked.size=4', '--set', 'kv-drop.budget=64'],
    ],
    { input: sentence.repeat(10) },
  );
  expect(code).toBe(0);
  expect(out).toContain('rowsKept 64');
  expect(error).toMatch(/read \d+ of \d+ tokens/);
});

test.each([
  [['run', '--prompt', path.join(folder, 'missing.txt')], 'missing.txt'],
  [['run', '--model', path.join(folder, 'no-model')], 'no-model'],
  [['run', '--stack', 'kv-drop', '--set', 'kv-drop.budget=-1'], "option 'budget'"],
  [['run', '--stack', 'kv-drop', '--set', 'kv-drop.policy=best'], 'snapKV'],
  [['run', '--stack', 'kv-drop', '--set', 'kv-drop.policy.chunked.size=0'], 'chunked'],
  [['run', '--stack', 'constrain', '--set', 'constrain.regex=('], 'regex'],
  [['run', '--max-new-tokens', '0'], 'maxNewTokens'],
  [['fly'], 'not a command'],
])('wrong use %# exits with 2 and says why', async (argv, message) => {
  const { code, error } = await run(argv);
  expect(error).toContain(message);
  expect(error).not.toContain('    at ');
  expect(code).toBe(2);
});

test('an interrupt prints what there is', async () => {
  const { code, out } = await run(['run', '--max-new-tokens', '400'], {
    onError: (text, stop) => {
      if (text.includes('read')) stop();
    },
  });
  expect(out).toContain('(aborted)');
  expect(code).toBe(130);
});
