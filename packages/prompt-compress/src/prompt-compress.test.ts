import {
  type EncodedPrompt,
  InvalidOptionsError,
  MissingCapabilityError,
  pipeline,
  StackError,
} from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { promptCompress } from './prompt-compress.js';
import type { CompressionReport } from './report/report.js';
import { watchPrompt, watchWrittenAhead } from './testing/watch.test.support.js';

const tokenizer = mockTokenizer();
const prompt = { ids: Int32Array.from({ length: 60 }, (_, i) => 32 + ((i * 37) % 90)) };
const options = { maxNewTokens: 6 };
const selection = { keep: 24, window: 8, kernel: 4, neighbours: 4, startLayer: 1 };

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
    expect(ids.length).toBeLessThanOrEqual(40);
    expect(ids.length).toBeGreaterThan(36);
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

  it('writes a look-ahead on the draft when asked, and reads all of it but its last token', async () => {
    const decoder = mockDecoder();
    const draft = mockDecoder({ seed: 1 });
    const endless = { ...tokenizer, endOfText: new Set<number>() };
    const seen: (readonly number[] | undefined)[] = [];
    const stack = pipeline(decoder, { tokenizer: endless })
      .use(promptCompress({ ...selection, draft, lookahead: 4 }))
      .use(watchWrittenAhead((tokens) => seen.push(tokens)));
    await stack.generate(prompt, options);
    expect(draft.calls.map((call) => call.ids.length)).toEqual([60, 1, 1, 1]);
    const [written] = seen;
    expect(written?.length).toBe(4);
    expect(draft.calls.slice(1).map((call) => call.ids[0])).toEqual(written?.slice(0, 3));

    const plain = await pipeline(mockDecoder({ seed: 1 }), { tokenizer: endless }).generate(
      prompt,
      { maxNewTokens: 4 },
    );
    expect(written).toEqual(plain.tokens);
  });

  it('hands on no look-ahead where none was written, or the draft did not run', async () => {
    const seen: unknown[] = [];
    for (const given of [{}, { lookahead: 4, keep: 1000 }])
      await pipeline(mockDecoder(), { tokenizer })
        .use(promptCompress({ ...selection, draft: mockDecoder(), ...given }))
        .use(watchWrittenAhead((tokens) => seen.push(tokens)))
        .generate(prompt, options);
    expect(seen).toEqual([undefined, undefined]);
  });

  it('warns of a look-ahead written by the first layers of the model', async () => {
    const decoder = mockDecoder();
    const warnings = async (layers: number, lookahead: number) => {
      const draft = decoder.draft({ layers });
      const stack = pipeline(decoder, { tokenizer }).use(
        promptCompress({ ...selection, draft, lookahead }),
      );
      return (await stack.generate(prompt, options)).warnings;
    };
    expect(await warnings(2, 2)).toMatchObject([
      { type: 'degraded', feature: 'early-exit draft', middleware: 'prompt-compress' },
    ]);
    expect(await warnings(2, 1)).toEqual([]);
    expect(await warnings(decoder.shape.layers, 2)).toEqual([]);
  });

  it('leaves short prompts alone, as given or as measured for the model', async () => {
    const measured = {
      ...mockDecoder(),
      defaults: { 'prompt-compress': { minTokens: 61, draft: 10 } },
    };
    const skipped = async (decoder: typeof measured, minTokens?: number) => {
      const draft = mockDecoder();
      const stack = pipeline(decoder, { tokenizer }).use(
        promptCompress({ ...selection, draft, minTokens }),
      );
      const { metrics } = await stack.generate(prompt, options);
      expect(draft.calls.length).toBe(1 - metrics.middlewares['prompt-compress'].skipped);
      expect(metrics.promptTokensKept).toBe(draft.calls.length === 0 ? 60 : 24);
      return metrics.middlewares['prompt-compress'].skipped;
    };
    const unmeasured = {
      ...measured,
      defaults: { 'prompt-compress': { minTokens: 0, draft: 10 } },
    };
    expect(await skipped(measured)).toBe(1);
    expect(await skipped(measured, 60)).toBe(0);
    expect(await skipped(unmeasured)).toBe(0);
    expect(await skipped(unmeasured, 61)).toBe(1);
    const wrong = { ...mockDecoder(), defaults: { 'prompt-compress': { minTokens: 'few' } } };
    expect(() =>
      pipeline(wrong, { tokenizer }).use(promptCompress({ ...selection, draft: mockDecoder() })),
    ).toThrow("prompt-compress defaults of decoder 'mock-0': option 'minTokens'");
  });

  it('keeps a share of the prompt', async () => {
    const stack = (ratio: number) =>
      pipeline(mockDecoder(), { tokenizer }).use(
        promptCompress({ ...selection, draft: mockDecoder(), keep: { ratio } }),
      );
    const keptOf = async (ratio: number) =>
      (await stack(ratio).generate(prompt, options)).metrics.promptTokensKept;
    expect(await keptOf(0.55)).toBe(33);
    expect(await keptOf(1)).toBe(60);
    const raised = await stack(0.1).generate(prompt, options);
    const { promptTokensKept } = raised.metrics;
    // The window, and the whole word that it begins in.
    expect(promptTokensKept).toBeGreaterThanOrEqual(8);
    expect(promptTokensKept).toBeLessThan(20);
    expect(raised.warnings).toMatchObject([
      { type: 'degraded', feature: 'keep', middleware: 'prompt-compress' },
    ]);
    expect(raised.warnings[0].details).toContain(
      `is 6 of 60 tokens, but ${promptTokensKept} must stay`,
    );
    // All of it is window.
    const { metrics } = await stack(0.5).generate({ ids: prompt.ids.slice(0, 5) }, options);
    expect(metrics.middlewares['prompt-compress']).toMatchObject({ tokensKept: 5, skipped: 1 });
  });

  it('reports what was dropped, in the text and in the messages', async () => {
    const content = ' One 😀 line.\r\nAnother e\u0301 line. '.repeat(4);
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content },
    ];
    const reports: CompressionReport[] = [];
    const seen: EncodedPrompt[] = [];
    const stack = (keep: number) =>
      pipeline(mockDecoder(), { tokenizer })
        .use(
          promptCompress({
            ...selection,
            draft: mockDecoder(),
            keep,
            onCompressed: (report) => reports.push(report),
          }),
        )
        .use(watchPrompt((given) => seen.push(given)));
    await stack(80).generate({ messages }, options);
    const [report] = reports;
    expect(report.text).toBe(tokenizer.renderChat(messages));
    expect(report.tokens).toBe(tokenizer.encode(report.text).length);
    expect(report.tokensKept).toBe(seen[0].ids.length);
    const begins = [0, ...report.dropped.map(({ to }) => to)];
    const ends = [...report.dropped.map(({ from }) => from), report.text.length];
    expect(begins.map((from, i) => report.text.slice(from, ends[i])).join('')).toBe(
      Buffer.concat(Array.from(seen[0].ids, (id) => tokenizer.bytes(id))).toString(),
    );
    expect(report.droppedOfMessages.length).toBe(report.dropped.length);
    report.droppedOfMessages.forEach(({ message, from, to }, i) => {
      const range = report.dropped[i];
      expect(message).toBe(1);
      expect(content.slice(from, to)).toBe(report.text.slice(range.from, range.to));
    });

    await stack(1000).generate({ messages }, options);
    expect(reports[1]).toMatchObject({ dropped: [], droppedOfMessages: [] });
    expect(reports[1].tokensKept).toBe(reports[1].tokens);
  });

  it('names itself where the report is not taken', async () => {
    const onCompressed = () => {
      throw new Error('disk full');
    };
    const stack = pipeline(mockDecoder(), { tokenizer }).use(
      promptCompress({ ...selection, draft: mockDecoder(), onCompressed }),
    );
    await expect(stack.generate(prompt, options)).rejects.toThrow(
      "middleware 'prompt-compress', prompt, step 0: disk full",
    );
  });

  it('keeps whole sentences of a chat, and each message its share, when asked', async () => {
    const content = Array.from({ length: 8 }, (_, i) => `Boat ${i} came in.`).join(' ');
    const messages = [
      { role: 'user', content },
      { role: 'assistant', content },
      { role: 'user', content: 'How many?' },
    ];
    const reports: CompressionReport[] = [];
    await pipeline(mockDecoder(), { tokenizer })
      .use(
        promptCompress({
          draft: mockDecoder(),
          keep: { ratio: 0.6 },
          window: 6,
          unit: 'sentence',
          unitScore: 'mean',
          keepQuestion: true,
          perMessage: true,
          onCompressed: (report) => reports.push(report),
        }),
      )
      .generate({ messages }, options);
    const [{ droppedOfMessages: dropped }] = reports;
    const left = [0, 1].map((message) =>
      dropped
        .filter((range) => range.message === message)
        .reduceRight((text, { from, to }) => text.slice(0, from) + text.slice(to), content),
    );
    for (const text of left) expect(text).toMatch(/^(Boat \d came in\.( |$))+$/);
    expect(Math.abs(left[0].length - left[1].length)).toBeLessThan('Boat 0 came in. '.length + 1);
    expect(dropped.some(({ message }) => message === 2)).toBe(false);
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
    expect(() => promptCompress({ draft, keep: { ratio: 1.5 } })).toThrow("option 'keep.ratio'");
    expect(() => promptCompress({ draft, keep: 64, unit: 'line', kernel: 8 })).toThrow(
      "option 'kernel': has no effect with unit 'line'",
    );
    expect(() => promptCompress({ draft, keep: 64, unit: 'token', unitScore: 'mean' })).toThrow(
      "option 'unitScore': has no effect with unit 'token'",
    );
    // Options of tokens ask for tokens.
    expect(() => promptCompress({ draft, keep: 64, kernel: 8, context: 0 })).toThrow(
      "option 'context': has no effect with unit 'token'",
    );
    const heads = [{ layer: 1, head: 0 }];
    expect(() => promptCompress({ draft, keep: 64, startLayer: 1, heads })).toThrow(
      "option 'startLayer': has no effect beside heads",
    );
    // @ts-expect-error: no such option
    expect(() => promptCompress({ draft, keep: 64, neighbors: 3 })).toThrow('neighbors');
  });
});
