import { InvalidOptionsError, MissingCapabilityError, PromptError } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompressTextOptions, compressText } from './compress-text.js';
import { roughText } from './testing/rough-text.test.support.js';

const tokenizer = mockTokenizer();
const sentences = (count: number) =>
  Array.from({ length: count }, (_, i) => `Note ${i} is 😀 of the day.`).join(' ');
const messages = [
  { role: 'system', content: 'Be brief.', name: 'rules' },
  { role: 'user', content: `  ${sentences(6)}\r\n` },
  { role: 'assistant', content: '' },
  { role: 'user', content: sentences(5) },
];
const selection = { window: 4, kernel: 4, startLayer: 1 };
const compress = (given: Partial<CompressTextOptions> = {}) =>
  compressText(messages, { draft: mockDecoder(), tokenizer, keep: 120, ...selection, ...given });

describe('compressText', () => {
  it('takes text parts, and refuses what is not a message', async () => {
    const draft = mockDecoder();
    const tokenizer = mockTokenizer();
    const options = { draft, tokenizer, keep: 400 };
    const parts = [
      { type: 'text' as const, text: 'one ' },
      { type: 'text' as const, text: 'two' },
    ];
    const { messages } = await compressText([{ role: 'user', content: parts }], options);
    expect(messages).toEqual([{ role: 'user', content: 'one two' }]);
    const wrong = compressText([{ role: 'user', content: 5 as never }], options);
    await expect(wrong).rejects.toThrow(/messages\[0\]\.content is 5/);
  });

  it('refuses messages that throw where they are read', async () => {
    const revocable = Proxy.revocable([], {});
    revocable.revoke();
    const throwing = {
      role: 'user',
      get content(): string {
        throw new TypeError('not now');
      },
    };
    for (const messages of [revocable.proxy, [throwing]])
      await expect(
        compressText(messages as never, {
          draft: mockDecoder(),
          tokenizer: mockTokenizer(),
          keep: 100,
        }),
      ).rejects.toThrow(PromptError);
  });

  it('refuses a chat beyond the context of the draft before it is encoded', async () => {
    let encoded = 0;
    const tokenizer = {
      ...mockTokenizer(),
      longestToken: 9,
      encode: (text: string) => {
        encoded += text.length;
        return mockTokenizer().encode(text);
      },
    };
    const draft = mockDecoder({ maxPositions: 256 });
    const content = 'the boat and the sea. '.repeat(20_000);
    const run = compressText([{ role: 'user', content }], { draft, tokenizer, keep: 100 });
    await expect(run).rejects.toThrow(PromptError);
    await expect(run).rejects.toThrow(/reads at most 256/);
    expect(encoded).toBe(0);
  });

  it('shortens messages and keeps their number, order and roles', async () => {
    const result = await compress();
    expect(result.messages.map(({ role }) => role)).toEqual(messages.map(({ role }) => role));
    expect(result.messages[0]).toEqual(messages[0]);
    expect(result.messages[2].content).toBe('');
    expect(result.tokensKept).toBeLessThanOrEqual(120);
    expect(result.tokensKept).toBeGreaterThan(116);
    expect(result.tokens).toBe(tokenizer.encode(tokenizer.renderChat(messages)).length);
    expect(result.dropped.length).toBeGreaterThan(0);
  });

  it('says what was dropped in the content as given', async () => {
    const { messages: shortened, dropped } = await compress({ gap: '[…]' });
    const pieces = shortened[1].content.split('[…]');
    const ranges = dropped.filter(({ message }) => message === 1);
    expect(pieces.length).toBe(ranges.length + 1);
    const whole = pieces.map((piece, i) =>
      i < ranges.length ? piece + messages[1].content.slice(ranges[i].from, ranges[i].to) : piece,
    );
    expect(whole.join('')).toBe(messages[1].content);
  });

  it('cuts no character and leaves no message empty that had text', async () => {
    for (const keep of [60, 75, 90, 120]) {
      const { messages: shortened } = await compress({ keep });
      for (const [i, { content }] of shortened.entries()) {
        expect(Buffer.from(content).toString()).toBe(content);
        expect(content.trim() === '').toBe(messages[i].content.trim() === '');
      }
    }
  });

  it('keeps whole sentences when asked', async () => {
    const { messages: shortened } = await compress({ kernel: undefined, unit: 'sentence' });
    for (const { content } of [shortened[1], shortened[3]])
      expect(content.trim()).toMatch(/^(Note \d is 😀 of the day\.( |$))+$/);
  });

  it('gives back a chat that fits, and one of fewer tokens than minTokens, without reading it', async () => {
    const draft = mockDecoder();
    for (const given of [{ keep: 4000 }, { minTokens: 4000 }]) {
      const result = await compress({ ...given, draft });
      expect(result.messages).toEqual(messages);
      expect(result).toMatchObject({ tokensKept: result.tokens, dropped: [] });
    }
    expect(draft.calls).toEqual([]);
  });

  it('leaves a message alone that the template rewrites', async () => {
    const shouting = {
      ...tokenizer,
      renderChat: (given: readonly { role: string; content: string }[], options = {}) =>
        tokenizer.renderChat(
          given.map(({ role, content }) => ({
            role,
            content: role === 'system' ? content.toUpperCase() : content,
          })),
          options,
        ),
    };
    const { messages: shortened } = await compress({ tokenizer: shouting, keepRoles: [] });
    expect(shortened[0]).toEqual(messages[0]);
  });

  it('refuses before the draft reads', async () => {
    const draft = mockDecoder();
    await expect(compress({ draft, keep: 3 })).rejects.toThrow(InvalidOptionsError);
    await expect(compress({ draft, keep: 20 })).rejects.toThrow('tokens must stay');
    await expect(compressText([], { draft, tokenizer, keep: 120 })).rejects.toThrow(PromptError);
    // @ts-expect-error: the template always stays, where the result is text
    await expect(compress({ draft, keepTemplate: false })).rejects.toThrow('keepTemplate');
    const other = { ...tokenizer, fingerprint: 'another' };
    await expect(compress({ draft, tokenizer: other })).rejects.toThrow(
      "option 'tokenizer': has another vocabulary than draft 'mock-0'",
    );
    expect(draft.calls).toEqual([]);
    const blind = mockDecoder({ capabilities: [] });
    await expect(compress({ draft: blind })).rejects.toThrow(MissingCapabilityError);
  });

  it('closes the draft, also when aborted', async () => {
    const draft = mockDecoder({ delay: 10_000 });
    const abort = new AbortController();
    const result = compress({ draft, signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 20);
    await expect(result).rejects.toThrow('enough');
    expect(draft.openSequences).toBe(0);
  });

  it('gives text with the roles of the chat, within the budget, whatever is written in it', async () => {
    const draft = mockDecoder().draft({ layers: 1 });
    const roles = ['user', 'assistant', 'tool', 'assistant'];
    const contents = fc.array(
      roughText.map((text) => text.replaceAll('<|end|>', '')),
      { minLength: 8, maxLength: 8 },
    );
    const units = fc.constantFrom('token' as const, 'sentence' as const, 'line' as const);
    await fc.assert(
      fc.asyncProperty(
        contents,
        fc.nat(60),
        units,
        fc.boolean(),
        async (texts, room, unit, perMessage) => {
          const chat = texts.map((content, i) => ({ role: roles[i % 4], content }));
          const template = chat.map(({ role }) => ({ role, content: '' }));
          const keep = tokenizer.encode(tokenizer.renderChat(template)).length + 40 + room;
          const result = await compressText(chat, {
            draft,
            tokenizer,
            keep,
            window: 4,
            unit,
            perMessage,
            startLayer: 0,
          });
          expect(result.tokensKept).toBeLessThanOrEqual(keep);
          expect(result.messages.map(({ role }) => role)).toEqual(chat.map(({ role }) => role));
          for (const [i, { content }] of result.messages.entries()) {
            expect(Buffer.from(content).toString()).toBe(content);
            const ranges = result.dropped.filter(({ message }) => message === i);
            const rest = ranges.reduceRight(
              (text, { from, to }) => text.slice(0, from) + text.slice(to),
              chat[i].content,
            );
            expect(content).toBe(rest);
          }
        },
      ),
      { numRuns: 25, seed: 9 },
    );
  });
});
