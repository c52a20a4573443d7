import { type GenerateOptions, type Prompt, pipeline, type Result } from '@pliant/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedDecoder, openEmbedded, trackSequences } from './open-embedded.js';
import { ownPrompts, readGolden } from './prompts.js';
import { type Subject, subjects, useAll } from './subjects.js';

const [, chat] = ownPrompts[0];
const maxNewTokens = 6;
const settings = [
  ['greedy', { maxNewTokens }],
  ['sampled', { maxNewTokens, temperature: 0.8, seed: 7 }],
] as const;

let decoder: EmbeddedDecoder;
let open: ReturnType<typeof trackSequences>;
let run: (
  stack: readonly Subject[],
  prompt: Prompt,
  options: GenerateOptions,
  promptTokens?: number,
  chunkSize?: number,
) => Promise<Result>;
const plain = new Map<string, Result>();
beforeAll(async () => {
  const embedded = await openEmbedded();
  const { tokenizer } = embedded;
  decoder = embedded.decoder;
  const draft = decoder.draft({ layers: 10 });
  open = trackSequences(decoder);
  run = (stack, prompt, options, promptTokens = 0, chunkSize = undefined) =>
    useAll(
      pipeline(decoder, { tokenizer, chunkSize }),
      stack.map((subject) => subject.neutral(draft, promptTokens)),
    ).generate(prompt, options);
  for (const [name, options] of settings) plain.set(name, await run([], chat, options));
});
afterAll(() => decoder.close());

const pairs = subjects.flatMap((first) =>
  subjects.filter((second) => second !== first).map((second) => [first, second]),
);
const stacks = [...subjects.map((subject) => [subject]), ...pairs, subjects, subjects.toReversed()];

function expectPlain(result: Result, expected: Result): void {
  expect(result.tokens).toEqual(expected.tokens);
  expect(result.text).toBe(expected.text);
  expect(result.finishReason).toBe(expected.finishReason);
  expect(result.warnings).toEqual([]);
  expect(result.metrics.promptTokensKept).toBe(expected.metrics.promptTokens);
  expect(open.size).toBe(0);
}

describe.each(stacks.map((stack) => [stack.map(({ name }) => name).join(' + '), stack] as const))(
  '%s, set to change nothing',
  (_names, stack) => {
    it.each(settings)('is the plain run, %s', async (name, options) => {
      const expected = plain.get(name)!;
      const result = await run(stack, chat, options, expected.metrics.promptTokens);
      expectPlain(result, expected);
      expect(result.logWeight).toBeCloseTo(0, 6);
      const { middlewares } = result.metrics;
      if (stack.some((subject) => subject.name === 'kv-drop'))
        expect(middlewares['kv-drop'].rowsDropped).toBe(0);
      if (stack.some((subject) => subject.name === 'prompt-compress'))
        expect(middlewares['prompt-compress'].tokensDropped).toBe(0);
      if (stack.some((subject) => subject.name === 'layer-skip'))
        expect(middlewares['layer-skip'].layersSkipped).toBe(0);
      if (stack.some((subject) => subject.name === 'constrain'))
        expect(middlewares.constrain.checks).toBeGreaterThanOrEqual(maxNewTokens);
    });
  },
);

it('is the plain run on a prompt of several chunks', async () => {
  const { ids } = readGolden('code');
  const options = { maxNewTokens };
  const expected = await run([], { ids }, options, 0, 32);
  expectPlain(await run(subjects, { ids }, options, ids.length, 32), expected);
});

it('would notice a stack that changes something', async () => {
  const [, options] = settings[0];
  const kvDrop = subjects.filter(({ name }) => name === 'kv-drop');
  const { tokens } = await run(kvDrop, chat, options, 16);
  expect(tokens).not.toEqual(plain.get('greedy')!.tokens);
});
