import {
  type EncodedPrompt,
  encodePrompt,
  InvalidOptionsError,
  PromptError,
  pipeline,
  StackError,
} from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { readAnew, readAsGiven } from './draft/draft-reading.js';
import { type PromptCompressOptions, promptCompress } from './prompt-compress.js';
import { byteTokenizer, decoderWith } from './testing/other-tokenizers.test.support.js';
import { watchPrompt, watchWrittenAhead } from './testing/watch.test.support.js';

const tokenizer = mockTokenizer();
const bytes = byteTokenizer();
const text =
  'The 😀 of the day: e\u0301 and é, 👍! \u2019s “the” end.\r\nAnd 😀😀 a 日本 line. '.repeat(2);
const selection = { keep: 40, window: 8, kernel: 4, startLayer: 1 };

async function keptOf(
  options: Partial<PromptCompressOptions> & Pick<PromptCompressOptions, 'draft'>,
  prompt: Parameters<typeof encodePrompt>[0] = { text },
): Promise<EncodedPrompt> {
  const seen: EncodedPrompt[] = [];
  await pipeline(mockDecoder(), { tokenizer })
    .use(promptCompress({ ...selection, ...options }))
    .use(watchPrompt((given) => seen.push(given)))
    .generate(prompt, { maxNewTokens: 1 });
  return seen[0];
}

describe('a draft with a tokenizer of its own', () => {
  it('chooses as without one where the tokenizers are equal', async () => {
    for (const reduction of ['max', 'sum'] as const)
      for (const prompt of [{ text }, { messages: [{ role: 'user', content: text }] }]) {
        const plain = await keptOf({ draft: mockDecoder(), reduction }, prompt);
        const own = await keptOf(
          { draft: mockDecoder(), reduction, draftTokenizer: tokenizer },
          prompt,
        );
        expect(own).toEqual(plain);
      }
  });

  it('reads its own tokens of the text, and its window covers that of the prompt', async () => {
    const draft = decoderWith(mockDecoder({ seed: 1 }), bytes);
    const { ids } = await keptOf({ draft, draftTokenizer: bytes, lookahead: 3 });
    const [first, ...written] = draft.calls;
    expect(first.ids).toEqual([...Buffer.from(text)]);
    const prompt = encodePrompt({ text }, tokenizer);
    const windowBytes = Buffer.byteLength(text) - prompt.byteStart[prompt.ids.length - 8];
    expect(first.want?.scores?.['prompt-compress'].rows).toBe(windowBytes);
    expect(written.length).toBe(2);
    expect(ids.length).toBeLessThanOrEqual(40);
    expect(ids.length).toBeGreaterThan(36);
    expect(ids.slice(-8)).toEqual(prompt.ids.slice(-8));
  });

  it('also with longer tokens than the target’s', async () => {
    const target = decoderWith(mockDecoder(), bytes);
    const draft = mockDecoder({ seed: 1 });
    const seen: EncodedPrompt[] = [];
    await pipeline(target, { tokenizer: bytes })
      .use(promptCompress({ ...selection, keep: 60, draft, draftTokenizer: tokenizer }))
      .use(watchPrompt((given) => seen.push(given)))
      .generate({ text }, { maxNewTokens: 1 });
    expect(draft.calls[0].ids).toEqual([...tokenizer.encode(text)]);
    // The last eight bytes are seven tokens; the first of them begins before.
    expect(Buffer.from(seen[0].ids).toString()).not.toContain('\uFFFD');
    expect(seen[0].ids.length).toBeLessThanOrEqual(60);
  });

  it('hands on nothing that it wrote', async () => {
    const seen: unknown[] = [];
    const draft = decoderWith(mockDecoder({ seed: 1 }), bytes);
    await pipeline(mockDecoder(), { tokenizer })
      .use(promptCompress({ ...selection, draft, draftTokenizer: bytes, lookahead: 4 }))
      .use(watchWrittenAhead((tokens) => seen.push(tokens)))
      .generate({ text }, { maxNewTokens: 1 });
    expect(seen).toEqual([undefined]);
  });

  it('is refused without it, with the way out', () => {
    const draft = decoderWith(mockDecoder({ seed: 1 }), bytes);
    const stack = pipeline(mockDecoder(), { tokenizer });
    expect(() => stack.use(promptCompress({ ...selection, draft }))).toThrow(StackError);
    expect(() => stack.use(promptCompress({ ...selection, draft }))).toThrow(
      'Give its tokenizer as draftTokenizer',
    );
  });

  it('refuses the tokenizer of another model', () => {
    const draft = mockDecoder();
    expect(() => promptCompress({ ...selection, draft, draftTokenizer: bytes })).toThrow(
      InvalidOptionsError,
    );
    // @ts-expect-error: not a tokenizer
    expect(() => promptCompress({ ...selection, draft, draftTokenizer: {} })).toThrow(
      "option 'draftTokenizer': must be a tokenizer",
    );
  });

  it('refuses ids that are no text, and more than it can read', async () => {
    const draft = decoderWith(mockDecoder({ seed: 1 }), bytes);
    const ids = Array(60).fill(0xff);
    await expect(keptOf({ draft, draftTokenizer: bytes }, { ids })).rejects.toThrow(PromptError);
    const short = decoderWith(mockDecoder({ seed: 1, maxPositions: 150 }), bytes);
    await expect(keptOf({ draft: short, draftTokenizer: bytes })).rejects.toThrow(
      "draft 'mock-1' reads at most 150",
    );
    expect(short.calls).toEqual([]);
  });
});

describe('readAnew', () => {
  it('is what is read as given where tokens are equal', () => {
    const prompt = encodePrompt({ text }, tokenizer);
    const rowWeights = Float32Array.of(1, 0, 0.5);
    const own = readAnew({ prompt, rowWeights }, tokenizer, tokenizer, 'max');
    expect(own.ids).toEqual(readAsGiven({ prompt, rowWeights }).ids);
    expect(own.rowWeights).toEqual(rowWeights);
  });

  it('takes the draft’s tokens that share a byte with a row, each with the largest weight', () => {
    const prompt = encodePrompt({ text: 'ab the' }, bytes);
    // 'a', 'b', ' the': two rows begin inside of the last one.
    const weights = (...rowWeights: number[]) => [
      ...readAnew({ prompt, rowWeights: Float32Array.from(rowWeights) }, bytes, tokenizer, 'max')
        .rowWeights,
    ];
    expect(weights(0.5, 1)).toEqual([1]);
    expect(weights(0.5, 0, 0.25, 0)).toEqual([0.5]);
    expect(weights(1, 0.5, 0, 0, 0)).toEqual([1, 0.5]);
    expect(weights(0, 1, 0, 0, 0, 0)).toEqual([0, 1, 0]);
  });

  it('reads what an earlier middleware left', () => {
    const prompt = encodePrompt({ text: 'one two' }, bytes);
    const shorter = {
      ...prompt,
      ids: prompt.ids.slice(4),
      byteStart: prompt.byteStart.slice(4),
      byteEnd: prompt.byteEnd.slice(4),
    };
    const reading = readAnew(
      { prompt: shorter, rowWeights: Float32Array.of(1) },
      bytes,
      tokenizer,
      'max',
    );
    expect(reading.ids).toEqual(tokenizer.encode('two'));
  });
});
