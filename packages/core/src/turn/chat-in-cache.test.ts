import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Middleware } from '../contract/middleware.js';
import type { Message, Tokenizer } from '../contract/tokenizer.js';
import { pipeline } from '../pipeline.js';
import { mockDecoder, mockTokenizer } from '../testing/index.js';

const [end] = mockTokenizer().endOfText;
/**
 * With control tokens around the turns, and with plain text between them, which an answer may end
 * with too.
 */
const tokenizers = {
  'control tokens': mockTokenizer(),
  'line ends': plainTurns('\n'),
  'two line ends': plainTurns('\n\n'),
};
function plainTurns(between: string): Tokenizer {
  return {
    ...mockTokenizer(),
    // The template does not write the end of a turn, so that an answer that has one differs from
    // it.
    endOfText: new Set(),
    special: new Set(),
    renderChat: (messages, { continueLast } = {}) =>
      [
        ...messages.map(({ role, content }) => `${role}:${content}`),
        ...(continueLast ? [] : ['assistant:']),
      ].join(between),
  };
}
const user = (content: string) => [{ role: 'user', content }];

const operation = fc.oneof(
  fc.record({ do: fc.constant('step' as const), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('rollback' as const), count: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ do: fc.constant('abort' as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    do: fc.constant('abort in the answer' as const),
    count: fc.integer({ min: 1, max: 4 }),
  }),
);
/**
 * What a model may write: bytes of characters whole and torn, bytes that are none, merges, an end
 * of text.
 */
const written = fc.array(
  fc.oneof(
    fc.constantFrom(...Buffer.from('aé😀€b. \n\n')),
    fc.nat(297),
    fc.constantFrom(0xc3, 0xe2, 0xf0, 0x80, end),
  ),
  { minLength: 40, maxLength: 40 },
);

test.each(Object.entries(tokenizers))(
  'whatever is done to a chat with %s, each turn is read behind its text, byte for byte',
  async (_, tokenizer) => {
    const decoder = mockDecoder({ layers: 2 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 3, maxLength: 12, size: 'max' }),
        written.map((tokens) =>
          tokens.map((id) => (tokenizer.endOfText.has(end) || id !== end ? id : 98)),
        ),
        fc.boolean(),
        async (operations, tokens, proposes) => {
          let at = 0;
          let abort: { readonly controller: AbortController; chunks: number } | undefined;
          const scripted: Middleware<string, 'logits.all' | 'kv.edit'> = {
            specificationVersion: 'v1',
            name: 'scripted',
            requires: ['logits.all', 'kv.edit'],
            create: () => ({
              choose: () => ({ token: tokens[at++ % tokens.length], logWeight: 0 }),
              ...(proposes && {
                propose: async (_, most) =>
                  [0, 1, 2].slice(0, most).map((i) => tokens[(at + i) % tokens.length]),
              }),
              editCache: (_, __, { phase }) => {
                if (abort && phase === 'prefill-chunk' && --abort.chunks === 0)
                  abort.controller.abort();
                return undefined;
              },
            }),
          };
          const stack = pipeline(decoder, { tokenizer, chunkSize: 12 }).use(scripted);
          const first = decoder.calls.length;
          const options = { maxNewTokens: 10, stop: ['.b', 'é'] };
          const chat = await stack.start({ messages: user('Hi') }, options);
          let messages: Message[] = user('Hi');
          const check = () => {
            const read: number[] = [];
            for (const { ids, positions } of decoder.calls.slice(first)) {
              read.length = positions[0];
              read.push(...ids);
            }
            expect(tokenizer.decode(read)).toBe(tokenizer.renderChat(messages));
          };
          const append = async (content: string, more = {}) => {
            messages = [...messages, { role: 'assistant', content: chat.text }, ...user(content)];
            await chat.append(user(content), { ...options, ...more });
          };
          for (const { do: what, count } of operations)
            if (what === 'step') for (let i = 0; i < count; i++) await chat.step();
            else if (what === 'rollback') {
              if (chat.tokens.length > 0) chat.rollback(Math.min(count, chat.tokens.length));
            } else if (what === 'append') {
              await append('x'.repeat(count));
              check();
            } else {
              const controller = new AbortController();
              const inAnswer = what === 'abort in the answer';
              abort = { controller, chunks: inAnswer ? Number.POSITIVE_INFINITY : count };
              await append('y'.repeat(60), { signal: controller.signal });
              if (inAnswer) {
                for (let i = 0; i < count; i++) await chat.step();
                controller.abort();
                await chat.step();
              } else expect(chat.result().finishReason).toBe('aborted');
              abort = undefined;
            }
          await append('z');
          check();
          await chat.close();
        },
      ),
      { numRuns: 25 },
    );
    expect(decoder.openSequences).toBe(0);
  },
);
