import {
  type EncodedPrompt,
  InvalidOptionsError,
  type Middleware,
  MissingCapabilityError,
  pipeline,
  StackError,
} from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { promptCompress } from './prompt-compress.js';

const tokenizer = mockTokenizer();
const prompt = { ids: Int32Array.from({ length: 60 }, (_, i) => 32 + ((i * 37) % 90)) };
const options = { maxNewTokens: 6 };
const selection = { keep: 24, window: 8, kernel: 4, neighbours: 4, startLayer: 1 };

/** Hands over the prompt as the middlewares before this one left it. */
function watchPrompt(see: (prompt: EncodedPrompt) => void): Middleware {
  return {
    specificationVersion: 'v1',
    name: 'watch-prompt',
    requires: [],
    create: () => ({
      prompt(given, next) {
        see(given);
        return next(given);
      },
    }),
  };
}

describe('promptCompress', () => {
  it.each([60, 1000])(
    'changes nothing about a prompt of 60 with keep %i, and does not draft',
    async (keep) => {
      const decoder = mockDecoder();
      const draft = decoder.draft({ layers: 2 });
      const plain = await pipeline(decoder, { tokenizer }).generate(prompt, options);
      const stack = pipeline(decoder, { tokenizer }).use(
        promptCompress({ ...selection, draft, keep }),
      );
      const result = await stack.generate(prompt, options);
      expect(result.tokens).toEqual(plain.tokens);
      expect(draft.calls.length).toBe(0);
      expect(result.metrics.middlewares['prompt-compress']).toEqual({
        tokensKept: 60,
        tokensDropped: 0,
        draftMs: 0,
        skipped: 1,
      });
    },
  );

  it('gives the target the kept tokens as a new prompt', async () => {
    const decoder = mockDecoder();
    const draft = decoder.draft({ layers: 3 });
    const seen: EncodedPrompt[] = [];
    const stack = pipeline(decoder, { tokenizer })
      .use(promptCompress({ ...selection, draft }))
      .use(watchPrompt((given) => seen.push(given)));
    const result = await stack.generate(prompt, options);
    const [kept] = seen;
    expect(kept.ids.length).toBe(24);
    expect(kept.ids.slice(-8)).toEqual(prompt.ids.slice(-8));
    expect(decoder.calls[0].ids).toEqual([...kept.ids]);
    expect(decoder.calls[0].positions).toEqual([...kept.ids.keys()]);
    expect(draft.calls.map((call) => call.ids.length)).toEqual([60]);
    expect(draft.calls[0].want?.scores?.['prompt-compress'].layers).toEqual([1, 2]);
    expect(result.metrics).toMatchObject({ promptTokens: 60, promptTokensKept: 24 });
    expect(result.metrics.middlewares['prompt-compress']).toMatchObject({
      tokensKept: 24,
      tokensDropped: 36,
      skipped: 0,
    });
    const alone = await pipeline(decoder, { tokenizer }).generate({ ids: kept.ids }, options);
    expect(result.tokens).toEqual(alone.tokens);
  });

  it('keeps messages that must stay, whatever the draft attends to', async () => {
    const decoder = mockDecoder();
    const rules = 'Answer in French. ';
    const messages = [
      { role: 'system', content: rules, keep: 'always' as const },
      {
        role: 'user',
        content: 'Lorem ipsum dolor sit amet, consectetur adipiscing elit. '.repeat(3),
      },
    ];
    const seen: EncodedPrompt[] = [];
    const stack = pipeline(decoder, { tokenizer })
      .use(promptCompress({ ...selection, draft: decoder, keep: 40 }))
      .use(watchPrompt((given) => seen.push(given)));
    await stack.generate({ messages }, { maxNewTokens: 1 });
    const [{ ids, spans, byteStart, byteEnd, text }] = seen;
    expect(ids.length).toBe(40);
    const [{ from, to, keep }] = spans;
    expect(keep).toBe('always');
    expect(tokenizer.decode([...ids.slice(from, to)])).toContain(rules.trim());
    ids.forEach((id, i) => {
      const bytes = Buffer.from(text).subarray(byteStart[i], byteEnd[i]);
      expect(bytes).toEqual(Buffer.from(tokenizer.bytes(id)));
    });
  });

  it('frees the draft before the target reads, also when the draft fails', async () => {
    const decoder = mockDecoder();
    const draft = mockDecoder({ seed: 1, layers: 2 });
    const open: number[] = [];
    const stack = pipeline(decoder, { tokenizer })
      .use(promptCompress({ ...selection, draft }))
      .use(watchPrompt(() => open.push(draft.openSequences)));
    await stack.generate(prompt, options);
    expect(open).toEqual([0]);

    const failing = mockDecoder({ seed: 1, layers: 2, failAt: 1 });
    const broken = pipeline(decoder, { tokenizer }).use(
      promptCompress({ ...selection, draft: failing }),
    );
    await expect(broken.generate(prompt, options)).rejects.toThrow('forward 1 fails');
    expect(failing.openSequences).toBe(0);
  });

  it('stops the draft when aborted', async () => {
    const decoder = mockDecoder();
    const draft = mockDecoder({ seed: 1, delay: 10_000 });
    const stack = pipeline(decoder, { tokenizer }).use(promptCompress({ ...selection, draft }));
    const abort = new AbortController();
    const result = stack.generate(prompt, { ...options, signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    expect((await result).finishReason).toBe('aborted');
    expect(decoder.calls.length).toBe(0);
    expect(draft.openSequences).toBe(0);
  });

  it('writes a look-ahead on the draft when asked, less its last token', async () => {
    const decoder = mockDecoder();
    const draft = mockDecoder({ seed: 1 });
    const endless = { ...tokenizer, endOfText: new Set<number>() };
    const stack = pipeline(decoder, { tokenizer: endless }).use(
      promptCompress({ ...selection, draft, lookahead: 4 }),
    );
    await stack.generate(prompt, options);
    expect(draft.calls.map((call) => call.ids.length)).toEqual([60, 1, 1, 1]);
    expect(draft.calls.map((call) => call.want?.logits)).toEqual(Array(4).fill('last'));
  });

  it('starts at layer 8, or in the middle of a shallow draft', async () => {
    const decoder = mockDecoder({ layers: 20 });
    for (const [layers, first] of [
      [1, 0],
      [10, 5],
      [20, 8],
    ]) {
      const draft = decoder.draft({ layers });
      const stack = pipeline(decoder, { tokenizer }).use(
        promptCompress({ draft, keep: 24, window: 8 }),
      );
      await stack.generate(prompt, { maxNewTokens: 1 });
      expect(draft.calls[0].want?.scores?.['prompt-compress'].layers?.[0]).toBe(first);
    }
  });

  it('refuses, before the draft reads, a prompt whose required tokens exceed keep', async () => {
    const decoder = mockDecoder();
    const draft = decoder.draft({ layers: 2 });
    const stack = pipeline(decoder, { tokenizer }).use(promptCompress({ ...selection, draft }));
    const content = 'All of this must stay, every single word of it, to the end. ';
    const messages = [
      { role: 'system', content: content.repeat(2), keep: 'always' as const },
      { role: 'user', content },
    ];
    await expect(stack.generate({ messages }, options)).rejects.toThrow('tokens must stay');
    expect(draft.calls.length).toBe(0);
  });

  it('refuses a prompt longer than the context of the draft', async () => {
    const decoder = mockDecoder();
    const draft = mockDecoder({ seed: 1, maxPositions: 50 });
    const stack = pipeline(decoder, { tokenizer }).use(promptCompress({ ...selection, draft }));
    await expect(stack.generate(prompt, options)).rejects.toThrow(
      "draft 'mock-1' reads at most 50",
    );
  });

  it('refuses at use() a draft without scores or with another vocabulary', () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer });
    const blind = mockDecoder({ capabilities: ['kv.edit'] });
    expect(() => stack.use(promptCompress({ ...selection, draft: blind }))).toThrow(
      MissingCapabilityError,
    );
    const foreign = { ...decoder, vocabularyFingerprint: 'another' };
    expect(() => stack.use(promptCompress({ ...selection, draft: foreign }))).toThrow(StackError);
  });

  it('refuses wrong options where they are written', () => {
    const draft = mockDecoder();
    expect(() => promptCompress({ draft, keep: 63 })).toThrow(
      "prompt-compress: option 'keep': must be at least the window",
    );
    expect(() => promptCompress({ draft, keep: 64, kernel: 0 })).toThrow(InvalidOptionsError);
    // @ts-expect-error: a path is not a decoder
    expect(() => promptCompress({ draft: 'model.onnx', keep: 64 })).toThrow(
      "option 'draft': must be a decoder",
    );
    // @ts-expect-error: no such option
    expect(() => promptCompress({ draft, keep: 64, neighbors: 3 })).toThrow('neighbors');
  });
});
