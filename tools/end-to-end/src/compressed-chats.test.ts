import { type EncodedPrompt, type Message, pipeline } from '@pliant/core';
import { type CompressionReport, compressText, promptCompress } from '@pliant/prompt-compress';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedDecoder, openEmbedded, trackSequences } from './open-embedded.js';

type Tokenizer = Awaited<ReturnType<typeof openEmbedded>>['tokenizer'];

const pieces = [
  ...[
    'Call me 😀. ',
    'A family 👩‍👩‍👧‍👦! ',
    'e\u0301 and a\u0308\u0323. ',
    '日本語です。',
    'It’s 3.5 €? ',
  ],
  ...['One line.\r\n', 'Two.\n\n', '\tif (a < b) {\n  return "x";\n}\n', '{"k": [1, 2]} ', 'ᚠᛇᚻ '],
  ...['The boat came in. ', 'No end ', '```ts\nlet a = 1;\n```\n', '  '],
] as const;
const roughText = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(''));
const units = ['token', 'sentence', 'line'] as const;
const selection = { window: 8, startLayer: 0 };

let decoder: EmbeddedDecoder;
let draft: EmbeddedDecoder;
let tokenizer: Tokenizer;
let open: ReadonlySet<unknown>;
beforeAll(async () => {
  const embedded = await openEmbedded();
  decoder = embedded.decoder;
  tokenizer = embedded.tokenizer;
  draft = decoder.draft({ layers: 1 });
  open = trackSequences(draft);
});
afterAll(() => decoder.close());

const rolesIn = (text: string) =>
  Array.from(text.matchAll(/<\|im_start\|>([a-z]+)\n/g), ([, role]) => role);
const textOf = (ids: Iterable<number>) =>
  Buffer.concat(Array.from(ids, (id) => tokenizer.bytes(id))).toString();

/** The prompt that the target would read, and the report. Nothing is read. */
async function compress(
  prompt: { text: string } | { messages: readonly Message[] },
  options: Partial<Parameters<typeof promptCompress>[0]> &
    Pick<Parameters<typeof promptCompress>[0], 'keep'>,
): Promise<{ kept: EncodedPrompt; report: CompressionReport }> {
  let report: CompressionReport | undefined;
  const abort = new AbortController();
  const seen: EncodedPrompt[] = [];
  await pipeline(decoder, { tokenizer })
    .use(
      promptCompress({
        draft,
        ...selection,
        ...options,
        onCompressed: (given) => {
          report = given;
        },
      }),
    )
    .use({
      specificationVersion: 'v1',
      name: 'stop-there',
      requires: [],
      create: () => ({
        prompt(given, next) {
          seen.push(given);
          abort.abort();
          return next(given);
        },
      }),
    })
    .generate(prompt, { signal: abort.signal });
  return { kept: seen[0], report: report! };
}

describe('a chat of 30 messages with tools', () => {
  it('keeps the roles in their order, and its system prompt whole', async () => {
    const contents = fc.array(roughText, { minLength: 30, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        contents,
        fc.constantFrom(...units),
        fc.boolean(),
        async (texts, unit, perMessage) => {
          const roles = ['tool', 'user', 'assistant'];
          const messages = texts.map((content, i) =>
            i === 0
              ? { role: 'system', content: 'Tools: {"name": "add", "parameters": {}}' }
              : { role: roles[i % 3], content },
          );
          const { kept, report } = await compress(
            { messages },
            { keep: { ratio: 0.7 }, unit, perMessage },
          );
          expect(report.tokensKept).toBeLessThanOrEqual(0.7 * report.tokens);
          const text = textOf(kept.ids);
          expect(rolesIn(text)).toEqual([...messages.map(({ role }) => role), 'assistant']);
          expect(text).toContain(messages[0].content);

          const shorter = await compressText(messages, {
            draft,
            tokenizer,
            ...selection,
            keep: { ratio: 0.7 },
            unit,
            perMessage,
          });
          const rendered = tokenizer.renderChat(shorter.messages);
          expect(rolesIn(rendered)).toEqual([...messages.map(({ role }) => role), 'assistant']);
          for (const [i, { content }] of shorter.messages.entries()) {
            expect(Buffer.from(content).toString()).toBe(content);
            if (messages[i].content.trim()) expect(content.trim()).not.toBe('');
          }
          expect(open.size).toBe(0);
        },
      ),
      { numRuns: 6, seed: 5 },
    );
  });
});

describe('the ranges that are left', () => {
  const chosen = fc.record({
    text: fc.array(roughText, { minLength: 4, maxLength: 8 }).map((parts) => parts.join('\n')),
    unit: fc.constantFrom(...units),
  });

  it('are the bytes of the kept tokens; whole lines and sentences tokenise to the kept tokens', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(chosen, async ({ text, unit }) => {
        const { kept, report } = await compress({ text }, { keep: { ratio: 0.6 }, unit });
        const begins = [0, ...report.dropped.map(({ to }) => to)];
        const ends = [...report.dropped.map(({ from }) => from), text.length];
        let left = '';
        begins.forEach((from, i) => {
          const range = text.slice(from, ends[i]);
          left += range;
          const [first, last] = [from, ends[i]].map((at) => Buffer.byteLength(text.slice(0, at)));
          const tokens = [...kept.ids].filter(
            (_, token) => kept.byteStart[token] >= first && kept.byteEnd[token] <= last,
          );
          expect(textOf(tokens)).toBe(range);
          // The model's tokenizer takes the last of several blanks apart by what follows, and
          // merges less in a word that was cut.
          if (unit !== 'token' && (!/\s\s$/.test(range) || ends[i] === text.length)) {
            expect([...tokenizer.encode(range)]).toEqual(tokens);
            compared++;
          }
        });
        expect(left).toBe(textOf(kept.ids));
      }),
      { numRuns: 20, seed: 7 },
    );
    expect(compared).toBeGreaterThan(10);
  });
});
