import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PromptError } from '../contract/errors.js';
import type { Middleware } from '../contract/middleware.js';
import type { EncodedPrompt, Tokenizer } from '../contract/tokenizer.js';
import { pipeline } from '../pipeline.js';
import { mockDecoder, mockTokenizer } from '../testing/index.js';
import { encodeLong } from './encode-long.js';
import { encodeText, type PromptText, textOfPrompt } from './encode-prompt.js';

/** Counts what is encoded, in UTF-16 units. */
function counting(): { tokenizer: Tokenizer; encoded: () => number } {
  const tokenizer = mockTokenizer();
  let units = 0;
  const encode = (text: string) => {
    units += text.length;
    return tokenizer.encode(text);
  };
  return { tokenizer: { ...tokenizer, encode, longestToken: 9 }, encoded: () => units };
}

const small = mockDecoder({ maxPositions: 256 });
const words = 'the boat and the sea. '.repeat(40_000);
const one = { maxNewTokens: 1 };

describe('a prompt beyond the context', () => {
  test.each<[string, (text: string) => Parameters<ReturnType<typeof stack>['generate']>[0]]>([
    ['a text', (text) => ({ text })],
    ['a message', (content) => ({ messages: [{ role: 'user', content }] })],
  ])('%s is refused before it is encoded', async (_, prompt) => {
    const { tokenizer, encoded } = counting();
    const run = stack(tokenizer).generate(prompt(words), one);
    await expect(run).rejects.toThrow(PromptError);
    await expect(run).rejects.toThrow(/position \d+ and the context of .* is 256/);
    expect(encoded()).toBe(0);
  });

  test('is refused as soon as enough of it is encoded, where its length says nothing', async () => {
    const { tokenizer, encoded } = counting();
    const unbounded = { ...tokenizer, longestToken: undefined };
    await expect(stack(unbounded).generate({ text: words }, one)).rejects.toThrow(PromptError);
    expect(encoded()).toBeLessThan(words.length / 4);
  });

  test('is refused in a later turn too, which leaves the generation as it was', async () => {
    const { tokenizer, encoded } = counting();
    const messages = [{ role: 'user', content: 'Hi' }];
    const generation = await stack(tokenizer).start({ messages }, one);
    await generation.step();
    const before = encoded();
    await expect(generation.append([{ role: 'user', content: words }])).rejects.toThrow(
      PromptError,
    );
    expect(encoded() - before).toBeLessThan(100);
    await generation.append([{ role: 'user', content: 'So?' }]);
    expect(generation.done).toBe(false);
    await generation.close();
  });

  test('is read where a middleware shortens it', async () => {
    const { tokenizer } = counting();
    const cutting: Middleware<'cutting'> = {
      specificationVersion: 'v1',
      name: 'cutting',
      requires: [],
      create: () => ({
        prompt: (prompt, next) =>
          next({
            ...prompt,
            ids: prompt.ids.slice(0, 9),
            byteStart: prompt.byteStart.slice(0, 9),
            byteEnd: prompt.byteEnd.slice(0, 9),
          }),
      }),
    };
    const { metrics } = await stack(tokenizer).use(cutting).generate({ text: words }, one);
    expect(metrics.promptTokens).toBe(mockTokenizer().encode(words).length);
    expect(metrics.promptTokensKept).toBe(9);
  });

  function stack(tokenizer: Tokenizer) {
    return pipeline(small, { tokenizer });
  }
});

describe('a long text', () => {
  const tokenizer = mockTokenizer();
  const reading = { room: 1_000, refuse: () => undefined };
  const plain = ({ ids, byteStart, byteEnd, text, spans }: EncodedPrompt) =>
    JSON.stringify([[...ids], [...byteStart], [...byteEnd], text, spans]);

  test('has the tokens in pieces that it has as a whole', async () => {
    const fragments = fc.constantFrom(
      'the boat ',
      '. ',
      '\n\n',
      '  ',
      '<|end|>',
      '😀',
      'and',
      '漢字。',
      'x'.repeat(300),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fragments, { minLength: 50, maxLength: 200 }), async (parts) => {
        const part = parts.join('');
        const content = part.repeat(Math.ceil(140_000 / part.length));
        const prompts: PromptText[] = [
          textOfPrompt({ text: content, bos: true }, tokenizer),
          textOfPrompt({ messages: [{ role: 'user', content }] }, tokenizer),
        ];
        for (const prompt of prompts)
          expect(plain(await encodeLong(prompt, tokenizer, reading))).toBe(
            plain(encodeText(prompt, tokenizer)),
          );
      }),
      { numRuns: 3, seed: 3 },
    );
  });

  test('is encoded while other work goes on, up to an abort', async () => {
    const { tokenizer: used, encoded } = counting();
    const abort = new AbortController();
    let turns = 0;
    const other = setInterval(() => {
      turns++;
      if (turns === 2) abort.abort();
    }, 0);
    const prompt = textOfPrompt({ text: words.repeat(4), bos: true }, used);
    await encodeLong(prompt, used, { ...reading, signal: abort.signal });
    clearInterval(other);
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(encoded()).toBeLessThan(prompt.text.length / 2);
  });
});
