import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { MiddlewareError, PromptError, StateError } from '../contract/errors.js';
import type { Generation } from '../contract/generation.js';
import type { Hooks, Middleware, Run } from '../contract/middleware.js';
import type { Message, Tokenizer } from '../contract/tokenizer.js';
import { pipeline } from '../pipeline.js';
import { type MockDecoder, mockDecoder, mockTokenizer } from '../testing/index.js';

const tokenizer = mockTokenizer();
const user = (content: string) => [{ role: 'user', content }];
const middleware = (create: (run: Run) => Hooks): Middleware<string> => ({
  specificationVersion: 'v1',
  name: 'own',
  requires: [],
  create,
});
/** What the decoder's only sequence holds. */
function textRead({ calls }: MockDecoder): string {
  const read: number[] = [];
  for (const { ids, positions } of calls) {
    read.length = positions[0];
    read.push(...ids);
  }
  return tokenizer.decode(read);
}
async function finish(generation: Generation) {
  while (!generation.done) await generation.step();
  return [...generation.tokens];
}

describe('an append that is refused leaves the generation as it was', () => {
  const refusals: Record<string, (run: Run) => Hooks> = {
    'where hooks are made': (run) => {
      if (run.prompt.position > 0) throw new Error('no second turn');
      run.warn({ type: 'other', feature: 'first' });
      return { rollback: () => {} };
    },
    'where the bounds are asked': (run) => ({
      bounds: () => {
        if (run.prompt.position === 0) return undefined;
        run.warn({ type: 'other', feature: 'refused' });
        run.emit('refused', 1);
        throw new PromptError('does not fit');
      },
    }),
  };
  const options = { maxNewTokens: 12, temperature: 1, seed: 5, stop: ['zq'] };
  for (const [where, create] of Object.entries(refusals))
    for (const steps of [0, 1, 5, 12])
      it(`${where}, after ${steps} tokens`, async () => {
        const decoder = mockDecoder();
        const ends: number[] = [];
        const stack = pipeline(decoder, { tokenizer }).use(
          middleware((run) => ({
            ...create(run),
            end: () => void ends.push(run.generated.length),
          })),
        );
        const play = async (appends: boolean) => {
          const generation = await stack.start({ messages: user('Hello there') }, options);
          for (let i = 0; i < steps; i++) await generation.step();
          const { result, forwards } = { result: generation.result(), forwards: decoder.forwards };
          generation.parts();
          if (appends)
            await expect(generation.append(user('And?'), { maxNewTokens: 3 })).rejects.toThrow(
              /no second turn|does not fit/,
            );
          expect(ends).toEqual([]);
          expect(generation.result()).toEqual(result);
          expect(generation.parts()).toEqual([]);
          expect(decoder.forwards).toBe(forwards);
          const fork = await generation.fork({ seed: 3 });
          const tokens = [await finish(generation), await finish(fork)];
          await fork.close();
          generation.rollback(2);
          tokens.push(await finish(generation));
          await generation.close();
          ends.length = 0;
          return tokens;
        };
        expect(await play(true)).toEqual(await play(false));
        expect(decoder.openSequences).toBe(0);
      });

  it('the fault of a hook is that of a middleware', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(
      middleware(refusals['where hooks are made']),
    );
    const generation = await stack.start({ messages: user('Hello') }, { maxNewTokens: 2 });
    await expect(generation.append(user('And?'))).rejects.toThrow(MiddlewareError);
    await finish(generation);
    await generation.close();
  });
});

test('what ends a turn is told so once, and after it only', async () => {
  const told: string[] = [];
  const stack = pipeline(mockDecoder(), { tokenizer }).use(
    middleware((run) => ({
      nextTurn: (later) => {
        told.push('next');
        return { end: () => void told.push(`end of ${later.prompt.position > 0 ? 2 : 1}`) };
      },
      end: ({ tokens }) =>
        void told.push(`end of 1 with ${tokens.length}, ${run.generated.length}`),
    })),
  );
  const generation = await stack.start({ messages: user('Hi') }, { maxNewTokens: 2 });
  await finish(generation);
  await generation.append(user('And?'));
  await generation.close();
  expect(told).toEqual(['next', 'end of 1 with 2, 2', 'end of 2']);
});

describe('an append that is aborted while it is read', () => {
  const long = user('What else? '.repeat(20));
  async function aborted(forwards: number) {
    const decoder = mockDecoder();
    const abort = new AbortController();
    let left = Number.POSITIVE_INFINITY;
    const stack = pipeline(decoder, { tokenizer, chunkSize: 32 }).use(
      middleware(() => ({
        editCache: (_, __, { phase }) => {
          if (phase === 'prefill-chunk' && --left === 0) abort.abort();
          return undefined;
        },
      })),
    );
    const chat = await stack.start({ messages: user('Hello') }, { maxNewTokens: 6 });
    await finish(chat);
    const answer = chat.text;
    left = forwards;
    await chat.append(long, { maxNewTokens: 6, signal: abort.signal });
    return { chat, answer, decoder };
  }

  it('is a turn without an answer, from which the chat goes on', async () => {
    for (const forwards of [1, 3]) {
      const { chat, answer, decoder } = await aborted(forwards);
      expect(chat.result()).toMatchObject({ finishReason: 'aborted', text: '', tokens: [] });
      await expect(chat.fork({ seed: 1 })).rejects.toThrow(StateError);
      await expect(chat.save('never')).rejects.toThrow(StateError);
      // Those of the turn before, but for the signal.
      await chat.append(user('So?'));
      expect(textRead(decoder)).toBe(
        tokenizer.renderChat([
          ...user('Hello'),
          { role: 'assistant', content: answer },
          ...long,
          { role: 'assistant', content: '' },
          ...user('So?'),
        ]),
      );
      expect(await finish(chat)).toHaveLength(6);
      await chat.close();
    }
  });
});

it('an append that is aborted while its text is encoded is read whole with the next', async () => {
  // A token of many characters, so that a text of many pieces has few tokens.
  const [long, id] = [`${'y'.repeat(400)}.`, 255];
  const few: Tokenizer = {
    ...tokenizer,
    longestToken: long.length,
    bytes: (token) => (token === id ? Buffer.from(long) : tokenizer.bytes(token)),
    encode: (text) =>
      Int32Array.from(
        text
          .split(long)
          .flatMap((part, i) => [...(i > 0 ? [id] : []), ...(part ? tokenizer.encode(part) : [])]),
      ),
  };
  const decoder = mockDecoder({ layers: 2 });
  const chat = await pipeline(decoder, { tokenizer: few }).start(
    { messages: user('Hi') },
    { maxNewTokens: 1 },
  );
  await finish(chat);
  const answer = { role: 'assistant', content: chat.text };
  const abort = new AbortController();
  const content = long.repeat(800);
  const before = decoder.forwards;
  const aborting = chat.append(user(content), { signal: abort.signal, maxNewTokens: 1 });
  await new Promise((done) => setImmediate(done));
  abort.abort();
  await aborting;
  expect(chat.result().finishReason).toBe('aborted');
  expect(decoder.forwards).toBe(before);
  await chat.append(user('x'));
  const read: number[] = [];
  for (const { ids, positions } of decoder.calls) {
    read.length = positions[0];
    read.push(...ids);
  }
  const messages = [
    ...user('Hi'),
    answer,
    ...user(content),
    { ...answer, content: '' },
    ...user('x'),
  ];
  const text = Buffer.concat(read.map((token) => few.bytes(token))).toString();
  expect(text).toBe(few.renderChat(messages));
  await chat.close();
});

describe('repetitionPenalty counts the tokens of the whole chat, and no others', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'penalty-')), 'chat');
  /** What happens between a first answer, 'ABC', and the turn whose logits are looked at. */
  const plays: Record<string, (chat: Generation, load: () => Promise<Generation>) => unknown> = {
    'the next turn': () => {},
    'two turns later': async (chat) => {
      await chat.append(user('m'));
      await finish(chat);
    },
    'after a rollback': (chat) => chat.rollback(2),
    'in a fork': (chat) => chat.fork({ seed: 1 }),
    'once loaded': async (chat, load) => {
      await chat.save(file);
      await chat.close();
      return load();
    },
    'once loaded in a later turn': async (chat, load) => {
      await chat.append(user('m'));
      await finish(chat);
      await chat.save(file);
      return load();
    },
  };
  for (const [what, play] of Object.entries(plays))
    it(what, async () => {
      const seen: Float32Array[] = [];
      let messages: Message[] = [];
      for (const repetitionPenalty of [1, 2]) {
        const stack = pipeline(mockDecoder(), { tokenizer }).use(
          middleware(({ generated }) => ({
            adjust: (logits) => {
              if (generated.length === 0) last = logits.slice();
            },
            choose: () => ({ token: 65 + generated.length, logWeight: 0 }),
          })),
        );
        let last = new Float32Array();
        const first = await stack.start(
          { messages: user('qqq') },
          { maxNewTokens: 3, repetitionPenalty },
        );
        await finish(first);
        const played = await play(first, () => stack.load(file));
        const chat = (played as Generation | undefined) ?? first;
        const answered = chat.text;
        await chat.append(user('x'));
        await finish(chat);
        await chat.close();
        if (chat !== first) await first.close();
        seen.push(last);
        const answer = { role: 'assistant', content: answered };
        messages = what.includes('later')
          ? [...user('qqq'), { ...answer, content: 'ABC' }, ...user('m'), answer, ...user('x')]
          : [...user('qqq'), answer, ...user('x')];
      }
      const [plain, penalised] = seen;
      const changed = [...plain.keys()].filter((id) => plain[id] !== penalised[id]);
      const chat = new Set(tokenizer.encode(tokenizer.renderChat(messages)));
      expect(changed).toEqual([...chat].sort((a, b) => a - b));
    });
});

test('an answer that ends inside a character: a later turn reads the tokens of its text and no more', async () => {
  const half = [...Buffer.from('aé😀€')];
  // The bytes are the first ids of the vocabulary; the end of text cannot come in between.
  for (let length = 1; length <= half.length; length++)
    for (const ending of ['length', 'aborted'] as const) {
      const decoder = mockDecoder();
      const abort = new AbortController();
      const stack = pipeline(decoder, { tokenizer }).use(
        middleware(({ generated }) => ({
          choose: () => ({ token: half[generated.length % half.length], logWeight: 0 }),
        })),
      );
      const chat = await stack.start(
        { messages: user('Hello') },
        { maxNewTokens: ending === 'length' ? length : 100, signal: abort.signal },
      );
      while (!chat.done) {
        if (ending === 'aborted' && chat.tokens.length === length) abort.abort();
        await chat.step();
      }
      const { text, finishReason, tokens } = chat.result();
      expect(finishReason).toBe(ending);
      expect(tokens).toHaveLength(length);
      expect(text).not.toContain('\uFFFD');
      await chat.append(user('x'), { maxNewTokens: 1 });
      const answer = { role: 'assistant', content: text };
      expect(textRead(decoder)).toBe(
        tokenizer.renderChat([...user('Hello'), answer, ...user('x')]),
      );
      await chat.close();
    }
});

test('disposing closes a generation and a decoder', async () => {
  const decoder = mockDecoder();
  const stack = pipeline(decoder, { tokenizer });
  const generation = await stack.start({ messages: user('Hi') }, { maxNewTokens: 2 });
  await generation[Symbol.asyncDispose]();
  expect(decoder.openSequences).toBe(0);
  await expect(generation.step()).rejects.toThrow(StateError);
  await decoder[Symbol.asyncDispose]();
  await expect(stack.start({ messages: user('Hi') })).rejects.toThrow(StateError);
});
