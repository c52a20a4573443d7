import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { parseOptions } from './checks/parse-options.js';
import type { Decoder } from './contract/decoder.js';
import {
  InvalidOptionsError,
  MiddlewareError,
  MissingCapabilityError,
  PromptError,
  StackError,
  StateError,
} from './contract/errors.js';
import { deadEnd, type Hooks, type Middleware } from './contract/middleware.js';
import type { StreamPart } from './contract/result.js';
import { pipeline, stepAll } from './pipeline.js';
import { mockDecoder, mockTokenizer } from './testing/index.js';

const tokenizer = mockTokenizer();
const prompt = { text: 'The quick brown fox jumps over the lazy dog, and the dog sleeps.' };

function hooked(name: string, hooks: () => Hooks): Middleware<string> {
  return { specificationVersion: 'v1', name, requires: [], create: hooks };
}

/** The same generation as a bare loop over the decoder. */
async function bareGreedy(decoder: Decoder, ids: Int32Array, count: number): Promise<number[]> {
  const sequence = await decoder.open();
  const tokens: number[] = [];
  let { logits } = await sequence.forward({ ids });
  while (tokens.length < count) {
    const token = logits.reduce((best, logit, id) => (logit > logits[best] ? id : best), 0);
    tokens.push(token);
    if (tokenizer.endOfText.has(token)) break;
    ({ logits } = await sequence.forward({ ids: Int32Array.of(token) }));
  }
  sequence.close();
  return tokens;
}

describe('generate', () => {
  test('greedy output is that of a bare loop, in chunks of any size', async () => {
    const decoder = mockDecoder();
    const expected = await bareGreedy(decoder, tokenizer.encode(prompt.text), 24);
    for (const chunkSize of [1, 3, 16, 512]) {
      const { tokens } = await pipeline(decoder, { tokenizer, chunkSize }).generate(prompt, {
        maxNewTokens: 24,
      });
      expect(tokens).toEqual(expected);
    }
    expect(decoder.openSequences).toBe(0);
  });

  test('the same seed gives the same tokens, another seed others', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer });
    const run = async (seed: number) =>
      (await stack.generate(prompt, { temperature: 1, seed, maxNewTokens: 20 })).tokens;
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  test('stream, steps and generate give one result', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer });
    const options = { maxNewTokens: 20, temperature: 0.8, seed: 3 };
    const whole = await stack.generate(prompt, options);
    const parts: StreamPart[] = [];
    for await (const part of stack.stream(prompt, options)) parts.push(part);
    const streamed = parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('');
    expect(streamed).toBe(whole.text);
    expect(parts[0]).toEqual({
      type: 'prefill',
      tokens: whole.metrics.promptTokens,
      total: whole.metrics.promptTokens,
    });
    const last = parts.at(-1)!;
    expect(last.type === 'finish' && last.result.tokens).toEqual(whole.tokens);
    const generation = await stack.start(prompt, options);
    const stepped: number[] = [];
    while (!generation.done) stepped.push(...(await generation.step()).tokens);
    expect(stepped).toEqual(whole.tokens);
    expect((await generation.step()).tokens).toEqual([]);
    await generation.close();
    await generation.close();
    await expect(generation.step()).rejects.toThrow(StateError);
  });

  test('streamed text never holds half a character', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), async (seed) => {
        const stack = pipeline(mockDecoder(), { tokenizer });
        const deltas: string[] = [];
        let text = '';
        let tokens: readonly number[] = [];
        for await (const part of stack.stream(prompt, { temperature: 2, seed, maxNewTokens: 40 })) {
          if (part.type === 'text-delta') deltas.push(part.delta);
          if (part.type === 'finish') ({ text, tokens } = part.result);
        }
        expect(deltas.join('')).toBe(text);
        const written = tokens.filter((token) => !tokenizer.special.has(token));
        const whole = new TextDecoder().decode(Buffer.concat(written.map(tokenizer.bytes)));
        // Only the beginning of a character at the very end may be missing.
        expect([text, `${text}\ufffd`]).toContain(whole);
      }),
      { numRuns: 20 },
    );
  });

  test('a stop string ends the text before it, also across tokens', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer });
    const options = { temperature: 1, seed: 11, maxNewTokens: 60 };
    const { text } = await stack.generate(prompt, options);
    const stop = text.slice(7, 12);
    const stopped = await stack.generate(prompt, { ...options, stop: [stop, 'never written'] });
    expect(stopped.text).toBe(text.slice(0, text.indexOf(stop)));
    expect(stopped.finishReason).toBe('stop');
    let streamed = '';
    for await (const part of stack.stream(prompt, { ...options, stop: [stop] }))
      if (part.type === 'text-delta') streamed += part.delta;
    expect(streamed).toBe(stopped.text);
  });

  test('metrics count tokens and allocated bytes', async () => {
    const { metrics } = await pipeline(mockDecoder(), { tokenizer }).generate(prompt, {
      maxNewTokens: 5,
    });
    expect(metrics.promptTokens).toBe(tokenizer.encode(prompt.text).length);
    expect(metrics.promptTokensKept).toBe(metrics.promptTokens);
    expect(metrics.decodeTokens).toBe(5);
    expect(metrics.kvBytesAfterPrefill).toBeGreaterThan(0);
    expect(metrics.kvBytesPeak).toBeGreaterThanOrEqual(metrics.kvBytesAfterPrefill);
    expect(metrics.timeToFirstTokenMs).toBeGreaterThanOrEqual(metrics.prefillMs);
  });

  test('a repetition penalty changes what a repeating model writes', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer });
    const plain = await stack.generate(prompt, { maxNewTokens: 40 });
    const penalised = await stack.generate(prompt, { maxNewTokens: 40, repetitionPenalty: 5 });
    expect(new Set(penalised.tokens).size).toBeGreaterThan(new Set(plain.tokens).size);
  });

  test('a prompt that fills the context is refused; one position less is answered', async () => {
    const ids = [...tokenizer.encode('Once upon a time')];
    const within = (maxPositions: number) =>
      pipeline(mockDecoder({ maxPositions }), { tokenizer }).generate({ ids }, { maxNewTokens: 9 });
    await expect(within(ids.length)).rejects.toThrow(PromptError);
    const { tokens, finishReason } = await within(ids.length + 1);
    expect([tokens.length, finishReason]).toEqual([2, 'length']);
  });

  test('the context ends a generation with a warning', async () => {
    const ids = tokenizer.encode(prompt.text);
    const stack = pipeline(mockDecoder({ maxPositions: ids.length + 3 }), { tokenizer });
    const { tokens, finishReason, warnings } = await stack.generate({ ids }, { maxNewTokens: 50 });
    expect(tokens).toHaveLength(4);
    expect(finishReason).toBe('length');
    expect(warnings).toMatchObject([{ feature: 'context', middleware: 'pipeline' }]);
  });
});

describe('bad input is refused before any work', () => {
  test.each<[object, string]>([
    [{ maxNewTokens: 0 }, 'maxNewTokens'],
    [{ temperature: -1 }, 'temperature'],
    [{ topP: 0 }, 'topP'],
    [{ stop: [''] }, 'stop.0'],
    [{ maxTokens: 3 }, 'maxTokens'],
  ])('%o', async (options, path) => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer });
    const error = await stack.generate(prompt, options).catch((thrown) => thrown);
    expect(InvalidOptionsError.isInstance(error)).toBe(true);
    expect(error.message).toContain(path);
    expect(decoder.calls).toHaveLength(0);
  });

  test.each([
    [{ text: '' }, 'empty'],
    [{ messages: [] }, 'no messages'],
    [{ ids: [1, 5000] }, '5000'],
    [{ ids: [1.5, 2] }, '1.5'],
    ['plain text' as unknown as { text: string }, '{ text }'],
    [{ text: 'x'.repeat(5000) }, 'context'],
  ])('prompt %#', async (wrong, message) => {
    const decoder = mockDecoder();
    const error = await pipeline(decoder, { tokenizer })
      .generate(wrong)
      .catch((thrown) => thrown);
    expect(PromptError.isInstance(error)).toBe(true);
    expect(error.message).toContain(message);
    expect(decoder.calls).toHaveLength(0);
    expect(decoder.openSequences).toBe(0);
  });
});

describe('abort', () => {
  test('between tokens: the text so far, nothing left open', async () => {
    const decoder = mockDecoder();
    const abort = new AbortController();
    const stack = pipeline(decoder, { tokenizer }).use(
      hooked('aborter', () => {
        let left = 3;
        return { commit: () => --left === 0 && abort.abort() };
      }),
    );
    const result = await stack.generate(prompt, { signal: abort.signal });
    expect(result.finishReason).toBe('aborted');
    expect(result.tokens).toHaveLength(3);
    expect(decoder.openSequences).toBe(0);
  });

  test('between prefill chunks', async () => {
    const decoder = mockDecoder();
    const abort = new AbortController();
    const reads: number[] = [];
    for await (const part of pipeline(decoder, { tokenizer, chunkSize: 4 }).stream(prompt, {
      signal: abort.signal,
    })) {
      if (part.type === 'prefill') {
        reads.push(part.tokens);
        abort.abort();
      }
      if (part.type === 'finish') expect(part.result.finishReason).toBe('aborted');
    }
    expect(reads.length).toBeLessThan(4);
    expect(decoder.openSequences).toBe(0);
  });

  test('leaving a stream closes the sequence', async () => {
    const decoder = mockDecoder();
    for await (const part of pipeline(decoder, { tokenizer }).stream(prompt))
      if (part.type === 'text-delta') break;
    expect(decoder.openSequences).toBe(0);
  });
});

describe('errors', () => {
  test('a hook that throws is named, with phase and cause; sequences are closed and end is called', async () => {
    const decoder = mockDecoder();
    let ended = 0;
    const cause = new TypeError('boom');
    const stack = pipeline(decoder, { tokenizer }).use(
      hooked('bad', () => ({
        commit: () => {
          throw cause;
        },
        end: () => {
          ended++;
        },
      })),
    );
    const error = await stack.generate(prompt).catch((thrown) => thrown);
    expect(MiddlewareError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ middleware: 'bad', phase: 'commit', cause });
    expect(decoder.openSequences).toBe(0);
    expect(ended).toBe(1);
  });

  test('a typed error of a hook passes unchanged', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(
      hooked('strict', () => ({
        prompt: () => Promise.reject(new PromptError('too short')),
      })),
    );
    await expect(stack.generate(prompt)).rejects.toThrow(PromptError);
  });

  test("a decoder's error passes through the hooks around it unchanged", async () => {
    const decoder = mockDecoder({ failAt: 3 });
    const stack = pipeline(decoder, { tokenizer }).use(
      hooked('wrapper', () => ({ forward: (input, next) => next(input) })),
    );
    const error = await stack.generate(prompt).catch((thrown) => thrown);
    expect(MiddlewareError.isInstance(error)).toBe(false);
    expect(error.message).toContain('forward 3');
    expect(decoder.openSequences).toBe(0);
  });

  test.each([
    [
      'twice',
      (input: never, next: (i: never) => Promise<never>) => next(input).then(() => next(input)),
      'called next() twice',
    ],
    ['never', async () => ({ logits: new Float32Array(300) }), 'without calling next()'],
  ])('next called %s', async (_, forward, message) => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(
      hooked('onion', () => ({ forward: forward as Hooks['forward'] })),
    );
    await expect(stack.generate(prompt)).rejects.toThrow(message);
  });

  test('deciding a token without asking the middleware installed after', async () => {
    const first = hooked('first', () => ({ choose: () => ({ token: 1, logWeight: 0 }) }));
    const second = hooked('second', () => ({ choose: (d, next) => next(d) }));
    await expect(
      pipeline(mockDecoder(), { tokenizer }).use(first).use(second).generate(prompt),
    ).rejects.toThrow("'first', choose, step 0: decided the token without asking 'second'");
    const { tokens } = await pipeline(mockDecoder(), { tokenizer })
      .use(second)
      .use(first)
      .generate(prompt, { maxNewTokens: 2 });
    expect(tokens).toEqual([1, 1]);
  });

  test.each<[string, () => Hooks, string]>([
    [
      'an id beyond the vocabulary',
      () => ({ choose: () => ({ token: 5000, logWeight: 0 }) }),
      'chose token 5000',
    ],
    ['no number', () => ({ choose: () => ({ token: 1, logWeight: Number.NaN }) }), 'NaN'],
    [
      'other tokens to read',
      () => ({ forward: (input, next) => next({ ...input, ids: Int32Array.of(1, 2) }) }),
      'changed the tokens',
    ],
    [
      'no prompt',
      () => ({
        prompt: async (given, next) => ({ ...(await next(given)), ids: new Int32Array() }),
      }),
      'left no token',
    ],
  ])('a hook that gives %s is refused', async (_, hooks, message) => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer }).use(hooked('odd', hooks));
    await expect(stack.generate(prompt)).rejects.toThrow(message);
    expect(decoder.openSequences).toBe(0);
  });

  test('a dead end weighs nothing', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(
      hooked('wall', () => {
        let left = 2;
        return { choose: (d, next) => (left-- > 0 ? next(d) : deadEnd) };
      }),
    );
    const result = await stack.generate(prompt);
    expect(result).toMatchObject({ finishReason: 'dead-end', logWeight: Number.NEGATIVE_INFINITY });
    expect(result.tokens).toHaveLength(2);
  });

  test('a fork of a draft sequence is closed with the generation', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer }).use({
      ...hooked('drafter', () => ({})),
      create: (run) => ({
        async prefill(input, next) {
          await (await run.open(decoder)).fork();
          return next(input);
        },
      }),
    });
    await stack.generate(prompt, { maxNewTokens: 1 });
    expect(decoder.openSequences).toBe(0);
  });

  test('isInstance survives a second copy of the package', () => {
    const mark = Symbol.for('pliant.error');
    const foreign = Object.assign(new Error('x'), {
      [mark]: new Set(['PliantError', 'StackError']),
    });
    expect(StackError.isInstance(foreign)).toBe(true);
    expect(PromptError.isInstance(foreign)).toBe(false);
    expect(StackError.isInstance(new StackError('a', 'b'))).toBe(true);
    expect(StackError.isInstance(undefined)).toBe(false);
  });
});

describe('use', () => {
  const needsEdit: Middleware<'editor', 'kv.edit'> = {
    specificationVersion: 'v1',
    name: 'editor',
    requires: ['kv.edit'],
    create: () => ({}),
  };
  test('a missing capability is a compile error and a run-time error', () => {
    const plain = mockDecoder({ capabilities: [] as const });
    // @ts-expect-error 'kv.edit' is required by middleware 'editor'
    expect(() => pipeline(plain, { tokenizer }).use(needsEdit)).toThrow(MissingCapabilityError);
    expect(() => pipeline(mockDecoder(), { tokenizer }).use(needsEdit)).not.toThrow();
  });

  test('a name twice, a conflict, another specification', () => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(hooked('one', () => ({})));
    expect(() => stack.use(hooked('one', () => ({})))).toThrow('already in the pipeline');
    const hostile = { ...hooked('two', () => ({})), conflicts: ['one'] };
    expect(() => stack.use(hostile)).toThrow("same pipeline as 'one'");
    const future = { ...hooked('three', () => ({})), specificationVersion: 'v2' as 'v1' };
    expect(() => stack.use(future)).toThrow("'v2'");
  });

  test('what one provides the next can read, typed', async () => {
    const seen: string[] = [];
    const giver: Middleware<'giver', never, unknown, { label: string }> = {
      specificationVersion: 'v1',
      name: 'giver',
      requires: [],
      create: () => ({ provide: { label: 'hello' } }),
    };
    const taker: Middleware<'taker', never, { label: string }> = {
      specificationVersion: 'v1',
      name: 'taker',
      requires: [],
      create: ({ ctx }) => {
        expectTypeOf(ctx.label).toEqualTypeOf<string>();
        seen.push(ctx.label);
        return {};
      },
    };
    const stack = pipeline(mockDecoder(), { tokenizer });
    // @ts-expect-error nobody provides 'label' before
    stack.use(taker);
    await stack.use(giver).use(taker).generate(prompt, { maxNewTokens: 1 });
    expect(seen).toEqual(['hello']);
  });

  test('an optional capability that is absent is a warning in the result', async () => {
    const stack = pipeline(mockDecoder({ capabilities: [] }), { tokenizer }).use({
      ...hooked('wishful', () => ({})),
      optional: ['scores'],
    });
    const { warnings } = await stack.generate(prompt, { maxNewTokens: 1 });
    expect(warnings).toMatchObject([
      { type: 'degraded', feature: 'scores', middleware: 'wishful' },
    ]);
  });

  test('a tokenizer of another vocabulary is refused', () => {
    const decoder = { ...mockDecoder(), vocabularyFingerprint: 'another' };
    expect(() => pipeline(decoder, { tokenizer })).toThrow(StackError);
  });

  test('of a tokenizer with more ids than the model has rows, those are refused that are read', async () => {
    const more = {
      ...tokenizer,
      vocabularySize: 302,
      bytes: (id: number) => (id < 300 ? tokenizer.bytes(id) : Buffer.from('<image>')),
    };
    const stack = pipeline(mockDecoder(), { tokenizer: more });
    const { tokens } = await stack.generate({ text: 'hi' }, { maxNewTokens: 4, temperature: 1 });
    expect(Math.max(...tokens)).toBeLessThan(300);
    const read = stack.generate({ ids: [40, 301] }, { maxNewTokens: 4 });
    await expect(read).rejects.toThrow(PromptError);
    await expect(read).rejects.toThrow(/token 1 is "<image>" \(id 301\)/);
  });
});

describe('stepwise', () => {
  const stack = pipeline(mockDecoder(), { tokenizer });
  const sampled = { temperature: 1, seed: 5, maxNewTokens: 16 };

  async function finish(generation: Awaited<ReturnType<typeof stack.start>>): Promise<string> {
    while (!generation.done) await generation.step();
    await generation.close();
    return generation.result().tokens.join(' ');
  }

  test('a greedy fork goes on as its parent would have, and the parent too', async () => {
    const expected = (await stack.generate(prompt, { maxNewTokens: 16 })).tokens.join(' ');
    for (const before of [0, 1, 5]) {
      const parent = await stack.start(prompt, { maxNewTokens: 16 });
      for (let i = 0; i < before; i++) await parent.step();
      const fork = await parent.fork({ seed: 1 });
      expect(await finish(fork)).toBe(expected);
      expect(await finish(parent)).toBe(expected);
    }
  });

  test("a hook may warn while it is copied, and the warning is the copy's", async () => {
    const warner = hooked('warner', () => ({}));
    const warning = stack.use({
      ...warner,
      create: (run) => {
        run.warn({ type: 'other', feature: 'made' });
        return {};
      },
    });
    const parent = await warning.start(prompt, sampled);
    const fork = await parent.fork({ seed: 1 });
    // The same warning again says nothing new.
    expect(parent.result().warnings).toHaveLength(1);
    expect(fork.result().warnings).toHaveLength(1);
    await Promise.all([parent.close(), fork.close()]);
  });

  test('a fork is the generation as it was at the call', async () => {
    const parent = await stack.start(prompt, sampled);
    for (let i = 0; i < 3; i++) await parent.step();
    const before = [...parent.tokens];
    const forking = parent.fork({ seed: 1 });
    await parent.step();
    const fork = await forking;
    expect(fork.tokens).toEqual(before);
    await Promise.all([parent.close(), fork.close()]);
  });

  test("a fork with its parent's seed does not repeat the parent's draws", async () => {
    const parent = await stack.start(prompt, sampled);
    const fork = await parent.fork({ seed: sampled.seed });
    expect(await finish(fork)).not.toBe(await finish(parent));
  });

  test('forks with other seeds differ', async () => {
    const parent = await stack.start(prompt, sampled);
    const texts = await Promise.all(
      [1, 2, 1].map(async (seed) => finish(await parent.fork({ seed }))),
    );
    await parent.close();
    expect(texts[0]).toBe(texts[2]);
    expect(texts[0]).not.toBe(texts[1]);
  });

  test('tokens taken back are written again', async () => {
    const expected = (await stack.generate(prompt, { maxNewTokens: 16 })).tokens.join(' ');
    // Rows dropped without `refeed`: the reduced cache alone would give another first token.
    const dropping = stack.use({
      specificationVersion: 'v1',
      name: 'recent',
      requires: ['kv.edit'],
      create: () => ({
        editCache: (view, _, { phase }) =>
          phase === 'prefill-end'
            ? { keep: () => Uint32Array.from({ length: 10 }, (_, i) => view.rows(0) - 10 + i) }
            : undefined,
      }),
    });
    const dropped = (await dropping.generate(prompt, { maxNewTokens: 16 })).tokens.join(' ');
    const again = await dropping.start(prompt, { maxNewTokens: 16 });
    while (!again.done) await again.step();
    again.rollback(16);
    expect(await finish(again)).toBe(dropped);
    for (const count of [1, 4, 16]) {
      const generation = await stack.start(prompt, { maxNewTokens: 16 });
      while (!generation.done) await generation.step();
      generation.rollback(count);
      expect(generation.done).toBe(false);
      expect(generation.tokens).toHaveLength(16 - count);
      expect(await finish(generation)).toBe(expected);
    }
    const generation = await stack.start(prompt, sampled);
    expect(() => generation.rollback(1)).toThrow(StateError);
    await generation.close();
  });

  test('append reads only what is new and answers as a fresh run over the whole chat', async () => {
    const decoder = mockDecoder();
    const chat = pipeline(decoder, { tokenizer });
    const messages = [{ role: 'user', content: 'Tell me about rivers.' }];
    const next = [{ role: 'user', content: 'And about lakes?' }];
    // The eighth token would end the answer inside a character.
    const options = { maxNewTokens: 7 };
    const generation = await chat.start({ messages }, options);
    while (!generation.done) await generation.step();
    const answer = generation.result();
    const seen = decoder.calls.flatMap((call) => call.ids).length;
    await generation.append(next);
    while (!generation.done) await generation.step();
    const read = decoder.calls.flatMap((call) => call.ids).length - seen;
    const appended = generation.result();
    await generation.close();
    // The cache holds the tokens as written, which may cut the answer's text otherwise than the
    // tokenizer does.
    const opening = tokenizer.encode(tokenizer.renderChat(messages));
    const whole = tokenizer.renderChat([
      ...messages,
      { role: 'assistant', content: answer.text },
      ...next,
    ]);
    const rest = whole.slice(
      tokenizer.renderChat([...messages, { role: 'assistant', content: answer.text }], {
        continueLast: true,
      }).length,
    );
    const ids = [...opening, ...answer.tokens, ...tokenizer.encode(rest)];
    const fresh = await chat.generate({ ids }, options);
    expect(appended.tokens).toEqual(fresh.tokens);
    expect(read).toBeLessThan(opening.length + 60);
    expect(decoder.openSequences).toBe(0);
  });

  test('an answer cut by a stop string goes on without what was cut', async () => {
    const decoder = mockDecoder();
    const chat = pipeline(decoder, { tokenizer });
    const messages = [{ role: 'user', content: 'Tell me about rivers.' }];
    const options = { maxNewTokens: 30, temperature: 1, seed: 4 };
    const whole = await chat.generate({ messages }, options);
    const stop = [whole.text.slice(9, 12)];
    const generation = await chat.start({ messages }, { ...options, stop });
    while (!generation.done) await generation.step();
    const answer = generation.text;
    expect(answer).toBe(whole.text.slice(0, whole.text.indexOf(stop[0])));
    const read = decoder.calls.length;
    await generation.append([{ role: 'user', content: 'More?' }], { maxNewTokens: 1 });
    const fed = decoder.calls.slice(read).flatMap(({ ids }) => ids);
    const { nextPosition, ids } = { nextPosition: decoder.calls[read].positions[0], ids: fed };
    const opening = tokenizer.encode(tokenizer.renderChat(messages)).length;
    const kept = whole.tokens.slice(0, nextPosition - opening);
    expect(tokenizer.decode([...kept, ...ids])).toContain(
      tokenizer.decode([...tokenizer.encode(`${answer}`)]),
    );
    expect(tokenizer.decode([...kept, ...ids])).not.toContain(`${answer}${stop[0]}`);
    expect(generation.done).toBe(false);
    await generation.step();
    expect(generation.result().finishReason).toBe('length');
    await generation.close();
    expect(decoder.openSequences).toBe(0);
  });

  test('an append that cannot fit changes nothing', async () => {
    const chat = pipeline(mockDecoder({ maxPositions: 80 }), { tokenizer });
    const messages = [{ role: 'user', content: 'Hello' }];
    const generation = await chat.start({ messages }, { maxNewTokens: 4 });
    while (!generation.done) await generation.step();
    const before = generation.result();
    const long = [{ role: 'user', content: 'x'.repeat(100) }];
    await expect(generation.append(long)).rejects.toThrow(PromptError);
    expect(generation.result()).toEqual(before);
    await generation.append([{ role: 'user', content: 'x' }]);
    await generation.close();
  });

  test("a message marked 'always' keeps its mark in a later turn", async () => {
    const spans: unknown[] = [];
    const chat = pipeline(mockDecoder(), { tokenizer }).use({
      ...hooked('watcher', () => ({})),
      create: (run) => ({
        prefill: (input, next) => {
          spans.push(run.prompt.original.spans.map(({ role, keep }) => `${role} ${keep}`));
          return next(input);
        },
      }),
    });
    const generation = await chat.start(
      { messages: [{ role: 'user', content: 'Hi' }] },
      { maxNewTokens: 2 },
    );
    await generation.append([{ role: 'user', content: 'Keep me', keep: 'always' }]);
    await generation.close();
    expect(spans).toEqual([['user may-drop'], ['user always']]);
  });

  test('append needs a chat', async () => {
    const generation = await stack.start(prompt, sampled);
    await expect(generation.append([{ role: 'user', content: 'x' }])).rejects.toThrow(PromptError);
    await generation.close();
  });

  test('two steps at once are refused', async () => {
    const generation = await stack.start(prompt, sampled);
    await generation.step();
    const first = generation.step();
    await expect(generation.step()).rejects.toThrow('still under way');
    await first;
    await generation.close();
  });

  test('stepAll runs one forward for all and gives what each alone would', async () => {
    const decoder = mockDecoder();
    const many = pipeline(decoder, { tokenizer });
    const prompts = ['One two three', 'Alpha beta', 'A longer text about something else.'];
    const generations = await Promise.all(
      prompts.map((text) => many.start({ text }, { maxNewTokens: 10 })),
    );
    while (generations.some(({ done }) => !done)) await stepAll(generations);
    expect(decoder.calls.some(({ batch }) => batch === 3)).toBe(true);
    for (const [index, generation] of generations.entries()) {
      await generation.close();
      const alone = await many.generate({ text: prompts[index] }, { maxNewTokens: 10 });
      expect(generation.result().tokens).toEqual(alone.tokens);
    }
  });

  test('an abort of one generation leaves the others of stepAll running', async () => {
    const decoder = mockDecoder({ delay: 5 });
    const many = pipeline(decoder, { tokenizer });
    const abort = new AbortController();
    const options = { maxNewTokens: 6 };
    const [stopped, going] = await Promise.all([
      many.start({ text: 'one' }, { ...options, signal: abort.signal }),
      many.start({ text: 'two' }, options),
    ]);
    await stepAll([stopped, going]);
    const stepping = stepAll([stopped, going]);
    abort.abort();
    await stepping;
    expect(stopped.result().finishReason).toBe('aborted');
    while (!going.done) await stepAll([going]);
    const alone = await many.generate({ text: 'two' }, options);
    expect(going.tokens).toEqual(alone.tokens);
    await Promise.all([stopped.close(), going.close()]);
    expect(decoder.openSequences).toBe(0);
  });

  test('stepAll splits what cannot share a forward', async () => {
    const decoder = mockDecoder({ capabilities: ['layers.skip'] });
    const many = pipeline(decoder, { tokenizer });
    const generations = await Promise.all(
      ['a b', 'c d e'].map((text) => many.start({ text }, { maxNewTokens: 4 })),
    );
    while (generations.some(({ done }) => !done)) await stepAll(generations);
    expect(decoder.calls.every(({ batch }) => batch === 1)).toBe(true);
    await Promise.all(generations.map((generation) => generation.close()));
  });
});

describe('cache edits', () => {
  const editor = (hooks: () => Hooks): Middleware<string, 'kv.edit'> => ({
    specificationVersion: 'v1',
    name: 'editor',
    requires: ['kv.edit'],
    create: hooks,
  });
  const all = (rows: number) => Uint32Array.from({ length: rows }, (_, row) => row);

  test.each([0, 1] as const)('keeping every row changes nothing (refeed %i)', async (refeed) => {
    const plain = await pipeline(mockDecoder(), { tokenizer }).generate(prompt, {
      maxNewTokens: 12,
    });
    const kept = await pipeline(mockDecoder(), { tokenizer })
      .use(
        editor(() => ({
          editCache: (view, _, { phase }) => ({
            keep: () => all(view.rows(0)),
            ...(phase === 'prefill-end' && { refeed }),
          }),
        })),
      )
      .generate(prompt, { maxNewTokens: 12 });
    expect(kept.tokens).toEqual(plain.tokens);
  });

  test('a last prompt token that is fed again skips and scales as the prompt did', async () => {
    const decoder = mockDecoder();
    const layers = Uint8Array.of(1, 1, 0, 1);
    const layerScales = Float32Array.of(1, 1, 1.5, 1);
    const stack = pipeline(decoder, { tokenizer }).use({
      ...editor(() => ({
        prefill: (input, next) => next({ ...input, layers, layerScales }),
        editCache: (view) => ({ keep: (layer) => all(view.rows(layer)), refeed: 1 }),
      })),
      requires: ['kv.edit', 'layers.skip'],
    });
    await stack.generate(prompt, { maxNewTokens: 1 });
    const [read, again] = decoder.calls;
    expect(again.ids).toEqual(read.ids.slice(-1));
    for (const call of [read, again])
      expect(call).toMatchObject({ layers: [...layers], layerScales: [...layerScales] });
  });

  test('a look-ahead appended in prefill leaves no trace', async () => {
    const decoder = mockDecoder();
    const plain = await pipeline(decoder, { tokenizer }).generate(prompt, { maxNewTokens: 12 });
    const stack = pipeline(decoder, { tokenizer, chunkSize: 10 }).use(
      editor(() => ({
        prefill: (input, next) =>
          next({ ...input, ids: Int32Array.of(...input.ids, 1, 2, 3), want: { logits: 'none' } }),
      })),
    );
    expect((await stack.generate(prompt, { maxNewTokens: 12 })).tokens).toEqual(plain.tokens);
  });

  test('what a decoder drafts for itself in prefill leaves no trace', async () => {
    const plain = await pipeline(mockDecoder(), { tokenizer }).generate(prompt, {
      maxNewTokens: 12,
    });
    const decoder = mockDecoder();
    const drafted: number[] = [];
    const stack = pipeline(decoder, { tokenizer }).use(
      editor(() => ({
        async prefill(input, next, draft) {
          let { logits } = await next(input);
          for (let i = 0; i < 4; i++) {
            drafted.push(logits.indexOf(Math.max(...logits)));
            ({ logits } = await draft({ ids: Int32Array.of(drafted[i]) }));
          }
          return { logits };
        },
      })),
    );
    expect((await stack.generate(prompt, { maxNewTokens: 12 })).tokens).toEqual(plain.tokens);
    expect(drafted).toEqual(plain.tokens.slice(0, 4));
    const early = pipeline(mockDecoder(), { tokenizer }).use(
      editor(() => ({ prefill: (input, _, draft) => draft(input) })),
    );
    await expect(early.generate(prompt)).rejects.toThrow('call it after next()');
  });

  test('a prompt token can be fed again at the end of the prefill only', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(
      editor(() => ({
        editCache: (view, _, { phase }) =>
          phase === 'decode' ? { keep: () => all(view.rows(0)), refeed: 1 } : undefined,
      })),
    );
    await expect(stack.generate(prompt)).rejects.toThrow("in phase 'decode'");
  });

  test('a prefill hook may not change the prompt', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(
      editor(() => ({ prefill: (input, next) => next({ ...input, ids: input.ids.slice(1) }) })),
    );
    await expect(stack.generate(prompt)).rejects.toThrow('may only append');
  });

  test('a row that does not exist is refused by name', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(
      editor(() => ({ editCache: () => ({ keep: () => Uint32Array.of(9999) }) })),
    );
    await expect(stack.generate(prompt)).rejects.toThrow("middleware 'editor', editCache");
  });
});

describe('propose', () => {
  /**
   * Proposes what `guess` says for the position; greedy verification must undo every wrong guess.
   */
  const proposer = (
    guess: (generated: readonly number[]) => readonly number[],
  ): Middleware<'proposer', 'logits.all' | 'kv.edit'> => ({
    specificationVersion: 'v1',
    name: 'proposer',
    requires: ['logits.all', 'kv.edit'],
    create: (run) => ({
      propose: async (draft) => {
        const drafted = guess(run.generated);
        // What drafting writes to the cache must not stay.
        await draft({ ids: Int32Array.of(run.generated.at(-1)!, ...drafted) });
        return drafted;
      },
    }),
  });

  test('output is the plain one for right, wrong and half right proposals, greedy and sampled', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(0, 1),
        async (rights, temperature) => {
          const options = { maxNewTokens: 14, temperature, seed: 9 };
          const plain = await pipeline(mockDecoder(), { tokenizer }).generate(prompt, options);
          const decoder = mockDecoder();
          let round = 0;
          const stack = pipeline(decoder, { tokenizer }).use(
            proposer((generated) => {
              const right = rights[round++ % rights.length];
              return plain.tokens
                .slice(generated.length, generated.length + 4)
                .map((token, index) => (index < right ? token : (token + 1) % 256));
            }),
          );
          const result = await stack.generate(prompt, options);
          expect(result.tokens).toEqual(plain.tokens);
          expect(result.metrics.decodeTokens).toBe(plain.tokens.length);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('right proposals take fewer forwards', async () => {
    const plain = await pipeline(mockDecoder(), { tokenizer }).generate(prompt, {
      maxNewTokens: 16,
    });
    const decoder = mockDecoder();
    await pipeline(decoder, { tokenizer })
      .use(proposer((done) => plain.tokens.slice(done.length, done.length + 3)))
      .generate(prompt, { maxNewTokens: 16 });
    const verifications = decoder.calls.filter(({ want }) => want?.logits === 'all');
    expect(verifications.length).toBeLessThanOrEqual(5);
  });

  test('the first that proposes wins; a token outside of the vocabulary is refused', async () => {
    const one = proposer(() => [1]);
    const two = { ...one, name: 'other' as const };
    const silent = { ...proposer(() => []), name: 'silent' as const };
    const plain = await pipeline(mockDecoder(), { tokenizer }).generate(prompt, {
      maxNewTokens: 9,
    });
    const decoder = mockDecoder();
    const asked = pipeline(decoder, { tokenizer }).use(silent).use(one).use(two);
    expect((await asked.generate(prompt, { maxNewTokens: 9 })).tokens).toEqual(plain.tokens);
    // The first that proposes is verified: one token beside the last one.
    expect(decoder.calls.some(({ want, ids }) => want?.logits === 'all' && ids.length === 2)).toBe(
      true,
    );
    await expect(
      pipeline(mockDecoder(), { tokenizer })
        .use({ ...proposer(() => []), create: () => ({ propose: async () => [-4] }) })
        .generate(prompt),
    ).rejects.toThrow('-4');
    await expect(
      pipeline(mockDecoder(), { tokenizer })
        .use(hooked('loose', () => ({ propose: async () => [1] })))
        .generate(prompt),
    ).rejects.toThrow("does not list 'logits.all'");
  });
});

test('parseOptions names the option', () => {
  const schema = z.strictObject({ budget: z.int().min(1) });
  expect(parseOptions('kv-drop', schema, { budget: 3 })).toEqual({ budget: 3 });
  expect(() => parseOptions('kv-drop', schema, { budget: 0 })).toThrow("kv-drop: option 'budget'");
});
