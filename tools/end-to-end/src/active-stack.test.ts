import { type Capability, type Pipeline, pipeline, StateError } from '@pliant/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activeStack, sentence } from './active-stack.js';
import { type EmbeddedDecoder, openEmbedded, trackSequences } from './open-embedded.js';
import { longChat } from './prompts.js';
import { useAll } from './subjects.js';

const [keep, budget] = [384, 128];
/** About 1,000 tokens. */
const prompt = longChat(3800);
const bytesPerRow = 30 * 2 * 3 * 64 * 4;

let decoder: EmbeddedDecoder;
let draft: EmbeddedDecoder;
let plain: Pipeline<Capability, unknown>;
let stack: Pipeline<Capability, unknown>;
let tracked: ReadonlySet<unknown>[];
const openSequences = () => tracked.reduce((sum, { size }) => sum + size, 0);
beforeAll(async () => {
  const embedded = await openEmbedded();
  decoder = embedded.decoder;
  draft = decoder.draft({ layers: 10 });
  tracked = [trackSequences(decoder), trackSequences(draft)];
  plain = pipeline(decoder, { tokenizer: embedded.tokenizer, chunkSize: 128 });
  stack = useAll(plain, activeStack(draft, { keep, budget, window: 32 }));
});
afterAll(() => decoder.close());

describe('all four at work on 1,000 tokens', () => {
  it('answer within the constraint and report what they did', async () => {
    const result = await stack.generate(prompt, { maxNewTokens: 64, temperature: 0.8, seed: 3 });
    const { metrics, text } = result;
    const { middlewares } = metrics;
    expect(text).toMatch(new RegExp(`^${sentence.source}$`));
    expect(result.finishReason).toBe('stop');
    expect(result.logWeight).toBeLessThan(0);
    expect(metrics.promptTokens).toBeGreaterThan(900);
    expect(metrics.promptTokensKept).toBe(keep);
    expect(middlewares['prompt-compress'].tokensKept).toBe(keep);
    expect(middlewares['prompt-compress'].tokensDropped).toBe(metrics.promptTokens - keep);
    expect(middlewares['kv-drop'].rowsKept).toBe(budget);
    expect(middlewares['kv-drop'].rowsDropped).toBe(keep - 1 - budget);
    expect(middlewares['layer-skip']).toEqual({ layersRun: 29, layersSkipped: 1 });
    expect(middlewares.constrain.checks).toBeGreaterThanOrEqual(result.tokens.length);
    expect(metrics.decodeTokens).toBe(result.tokens.length);
    expect(metrics.timeToFirstTokenMs).toBeGreaterThan(
      metrics.prefillMs + middlewares['prompt-compress'].draftMs,
    );
    // The rows kept, the token fed again, and room for some of the answer.
    expect(metrics.kvBytesAfterPrefill).toBeGreaterThanOrEqual((budget + 1) * bytesPerRow);
    expect(metrics.kvBytesAfterPrefill).toBeLessThan(2 * budget * bytesPerRow);
    // The draft's ten layers held the whole prompt, then the target the compressed one.
    expect(metrics.kvBytesPeak).toBeGreaterThanOrEqual((metrics.promptTokens * bytesPerRow) / 3);
    expect(metrics.kvBytesPeak).toBeLessThan(metrics.promptTokens * bytesPerRow);
    expect(result.warnings).toEqual([]);
    expect(openSequences()).toBe(0);
  });

  it('give the same answer for the same seed, alone and beside another generation', async () => {
    const sampled = { maxNewTokens: 24, temperature: 0.8, seed: 11 };
    const greedy = { maxNewTokens: 24 };
    const other = longChat(900);
    const [stacked, plainOther] = [
      await stack.generate(prompt, sampled),
      await plain.generate(other, greedy),
    ];
    const together = await Promise.all([
      stack.generate(prompt, sampled),
      plain.generate(other, greedy),
    ]);
    expect(together.map(({ tokens }) => tokens)).toEqual([stacked.tokens, plainOther.tokens]);
    expect(together.map(({ text }) => text)).toEqual([stacked.text, plainOther.text]);
    expect(openSequences()).toBe(0);
  });

  it('leave the event loop free while the prompt is read', async () => {
    let ticks = 0;
    let ticksInPrefill = 0;
    const timer = setInterval(() => ticks++, 5);
    for await (const part of stack.stream(prompt, { maxNewTokens: 2 }))
      if (part.type === 'prefill') ticksInPrefill = ticks;
    clearInterval(timer);
    expect(ticksInPrefill).toBeGreaterThan(10);
  });
});

describe('an abort', () => {
  it.each([
    ['while the draft reads', 'stack', 20],
    ['in the middle of a chunk', 'plain', 30],
  ] as const)('%s ends the run and closes everything', async (_name, which, delay) => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), delay);
    const result = await { stack, plain }[which].generate(prompt, { signal: abort.signal });
    expect(result.finishReason).toBe('aborted');
    expect(result.tokens).toEqual([]);
    expect(openSequences()).toBe(0);
  });

  it('between chunks of the prefill', async () => {
    const abort = new AbortController();
    let chunks = 0;
    for await (const part of plain.stream(prompt, { signal: abort.signal })) {
      if (part.type === 'prefill' && ++chunks === 2) abort.abort();
      if (part.type === 'finish') expect(part.result.finishReason).toBe('aborted');
    }
    expect(chunks).toBeGreaterThanOrEqual(2);
    expect(chunks).toBeLessThan(5);
    expect(openSequences()).toBe(0);
  });

  it('while decoding, keeps the text so far', async () => {
    const abort = new AbortController();
    let streamed = '';
    let finish: string | undefined;
    for await (const part of stack.stream(prompt, { maxNewTokens: 60, signal: abort.signal })) {
      if (part.type === 'text-delta') streamed += part.delta;
      if (streamed.length > 8) abort.abort();
      if (part.type === 'finish') {
        finish = part.result.finishReason;
        expect(part.result.text).toBe(streamed);
        expect(part.result.tokens.length).toBeGreaterThan(1);
      }
    }
    expect(finish).toBe('aborted');
    expect(openSequences()).toBe(0);
  });

  it('or a loop that is left, many times, keeps no memory', async () => {
    const leaveEarly = async () => {
      for await (const part of plain.stream(prompt, { maxNewTokens: 256 }))
        if (part.type === 'prefill') break;
    };
    await leaveEarly();
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 10; round++) await leaveEarly();
    // Each would keep 1,200 rows of 46 KB.
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
    expect(openSequences()).toBe(0);
  });

  it('leaves a decoder that can be closed, with its draft', async () => {
    const embedded = await openEmbedded();
    const ownDraft = embedded.decoder.draft({ layers: 10 });
    const own = useAll(
      pipeline(embedded.decoder, { tokenizer: embedded.tokenizer }),
      activeStack(ownDraft, { keep, budget, window: 32 }),
    );
    const abort = new AbortController();
    const running = own.generate(prompt, { signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    expect((await running).finishReason).toBe('aborted');
    await embedded.decoder.close();
    await expect(embedded.decoder.open()).rejects.toThrow(StateError);
    await expect(ownDraft.open()).rejects.toThrow(StateError);
    await expect(own.generate(prompt)).rejects.toThrow(StateError);
  });
});
