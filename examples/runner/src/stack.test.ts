import { type Capability, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { expect, test } from 'vitest';
import { parseArguments } from './arguments.js';
import { makeStack } from './stack.js';
import { UsageError } from './usage-error.js';

const prompt = { text: 'On and on it goes, over the hills and far away. '.repeat(12) };

/** Metrics of kv-drop with the given settings, on the mock decoder. */
async function drop(...assignments: string[]) {
  const { stack, settings } = parseArguments([
    ...['run', '--stack', 'kv-drop'],
    ...assignments.flatMap((assignment) => ['--set', `kv-drop.${assignment}`]),
  ]);
  const decoder = mockDecoder();
  const [middleware] = makeStack(stack, settings, decoder);
  const { metrics } = await pipeline(decoder, { tokenizer: mockTokenizer(), chunkSize: 64 })
    .use(middleware)
    .generate(prompt, { maxNewTokens: 40 });
  const needs: readonly Capability[] = middleware.requires;
  const dropped: Readonly<Record<string, number>> = metrics.middlewares['kv-drop'];
  return { needs, metrics, dropped };
}

test('a budget is a ratio, in JSON or with dots', async () => {
  for (const budget of ['budget={"ratio":0.25}', 'budget.ratio=0.25']) {
    const { metrics, dropped } = await drop(budget, 'policy=streamingLLM');
    expect(dropped.rowsKept).toBe(Math.floor(metrics.promptTokens / 4));
  }
});

test('kv-drop is bounded while reading and while decoding, and renumbers rows', async () => {
  const whole = await drop('budget=48');
  const { needs, metrics, dropped } = await drop(
    ...['budget=48', 'every=16', 'betweenChunks=true', 'positions=renumber'],
  );
  expect(needs).toContain('positions.renumber');
  expect(dropped.decodeCuts).toBe(2);
  expect(metrics.kvBytesPeak).toBeLessThan(whole.metrics.kvBytesPeak);
});

test('specKV writes its look-ahead on a reduced copy', async () => {
  const { needs, dropped } = await drop(
    ...['budget=48', 'policy=specKV', 'policy.lookahead=4', 'policy.lookaheadBudget=64'],
  );
  expect(needs).toContain('fork');
  expect(dropped).toMatchObject({ lookaheadTokens: 4, rowsKept: 48 });
});

test('specKV takes the look-ahead that the draft of prompt-compress wrote', async () => {
  const { stack, settings } = parseArguments([
    ...['run', '--stack', 'prompt-compress,kv-drop'],
    ...['--set', 'prompt-compress.draft=2', '--set', 'prompt-compress.keep.ratio=0.5'],
    ...['--set', 'prompt-compress.lookahead=4', '--set', 'kv-drop.budget=48'],
    ...['--set', 'kv-drop.policy=specKV', '--set', 'kv-drop.policy.writtenAhead=true'],
  ]);
  const decoder = mockDecoder();
  const [compress, specKV] = makeStack(stack, settings, decoder);
  const { metrics } = await pipeline(decoder, { tokenizer: mockTokenizer() })
    .use(compress)
    .use(specKV)
    .generate(prompt, { maxNewTokens: 20 });
  expect(metrics.promptTokensKept).toBe(Math.floor(metrics.promptTokens / 2));
  expect(metrics.middlewares['kv-drop']).toMatchObject({ lookaheadTokens: 4, rowsKept: 48 });
});

test('a start layer is taken where the descriptor names heads', async () => {
  const heads = [{ layer: 1, head: 0 }];
  const decoder = Object.assign(mockDecoder(), {
    defaults: { 'prompt-compress': { draft: 2, heads } },
  });
  const settings = { 'prompt-compress': { startLayer: 1, keep: 128 } };
  const [middleware] = makeStack(['prompt-compress'], settings, decoder);
  const { metrics } = await pipeline(decoder, { tokenizer: mockTokenizer() })
    .use(middleware)
    .generate(prompt, { maxNewTokens: 1 });
  expect(metrics.promptTokensKept).toBeLessThanOrEqual(128);
});

test.each([
  ['policy=null', "'null' is not a policy"],
  ['policy.lookaheadBudget=64', 'lookaheadBudget'],
  ['positions=new', "option 'positions'"],
  ['every=0', "option 'every'"],
])('%s is refused', async (assignment, message) => {
  await expect(drop(assignment)).rejects.toThrow(message);
});

test('an unknown policy is wrong use', async () => {
  await expect(drop('policy=best')).rejects.toThrow(UsageError);
});

test('prompt lookup and self-speculation are in the stack by their names', () => {
  const { stack, settings } = parseArguments([
    ...['run', '--stack', 'prompt-lookup,self-speculate'],
    ...['--set', 'prompt-lookup.ngram=2', '--set', 'self-speculate.layers=[2]'],
  ]);
  const names = makeStack(stack, settings, mockDecoder()).map(({ name }) => name);
  expect(names).toEqual(['prompt-lookup', 'self-speculate']);
  const wrong = parseArguments(['run', '--stack', 'prompt-lookup', '--set', 'prompt-lookup.n=2']);
  expect(() => makeStack(wrong.stack, wrong.settings, mockDecoder())).toThrow('prompt-lookup');
});
