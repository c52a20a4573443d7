import { encodePrompt, type Prompt, pipeline } from '@pliant/core';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer } from '@pliant/transformers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { largestDifference, tolerance } from './logits.js';
import { type EmbeddedDecoder, openEmbedded } from './open-embedded.js';
import { goldenNames, ownPrompts, readGolden } from './prompts.js';
import { recordLogits } from './record-logits.js';
import { UneditedModel } from './unedited-model.js';

const maxNewTokens = 6;
/**
 * The prompts of the goldens in chunks of the usual size. The longest fills one and begins another.
 */
const prompts: readonly (readonly [name: string, prompt: Prompt, chunkSize: number])[] = [
  ...goldenNames.map((name) => [name, { ids: readGolden(name).ids }, 512] as const),
  ...ownPrompts.map(([name, prompt]) => [name, prompt, 64] as const),
];

/** The unedited file's results for each prompt, by name. */
const references = new Map<string, Awaited<ReturnType<UneditedModel['generate']>>>();
beforeAll(async () => {
  const tokenizer = await openTokenizer(smollm2);
  const unedited = await UneditedModel.open();
  for (const [name, prompt] of prompts) {
    const { ids } = encodePrompt(prompt, tokenizer);
    references.set(name, await unedited.generate([ids], maxNewTokens, tokenizer.endOfText));
  }
  await unedited.release();
});

describe.each(['native', 'binding'] as const)('runtime %s', (runtime) => {
  let decoder: EmbeddedDecoder;
  let generate: (
    prompt: Prompt,
    chunkSize: number,
  ) => Promise<{ tokens: readonly number[]; logits: Float32Array[] }>;
  beforeAll(async () => {
    const embedded = await openEmbedded({ runtime });
    const { tokenizer } = embedded;
    decoder = embedded.decoder;
    generate = async (prompt, chunkSize) => {
      const logits: Float32Array[] = [];
      const stack = pipeline(decoder, { tokenizer, chunkSize }).use(recordLogits(logits));
      const { tokens } = await stack.generate(prompt, { maxNewTokens });
      return { tokens, logits };
    };
  });
  afterAll(() => decoder.close());

  it.each(prompts)('decodes %s as the unedited file does', async (name, prompt, chunkSize) => {
    const { tokens, logits } = await generate(prompt, chunkSize);
    const expected = references.get(name)!;
    expect(decoder.inspect().runtime.kind).toBe(runtime);
    expect(tokens).toEqual(expected.tokens);
    expect(largestDifference(logits, expected.logits)).toBeLessThan(tolerance);
  });
});
