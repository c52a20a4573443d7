import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Generation, type Middleware, PromptError, pipeline, type Run } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { kvDrop } from './kv-drop.js';
import { h2o } from './policies/h2o.js';
import { specKV } from './policies/spec-kv.js';
import { streamingLLM } from './policies/streaming-llm.js';
import { protectRows } from './wrappers/protect-rows.js';

const tokenizer = mockTokenizer();
const folder = mkdtempSync(join(tmpdir(), 'pliant-refused-'));
afterAll(() => rmSync(folder, { recursive: true }));
const user = (content: string) => [{ role: 'user', content }];
const marked = (length: number) => [{ ...user('x'.repeat(length))[0], keep: 'always' as const }];

interface Watched {
  readonly runs: Run[];
  /** Aborted after so many chunks of a prompt. */
  abort?: { readonly controller: AbortController; chunks: number };
}
/** Keeps hold of the runs, proposes what was written last, and aborts where it is told to. */
function watching(watched: Watched): Middleware<string, 'logits.all' | 'kv.edit'> {
  const create = (run: Run) => {
    watched.runs.push(run);
    return {
      propose: async (_: unknown, most: number) => run.generated.slice(-Math.min(3, most)),
      editCache: (_: unknown, __: unknown, { phase }: { phase: string }) => {
        const { abort } = watched;
        if (abort && phase === 'prefill-chunk' && --abort.chunks === 0) abort.controller.abort();
        return undefined;
      },
    };
  };
  return {
    specificationVersion: 'v1',
    name: 'watching',
    requires: ['logits.all', 'kv.edit'],
    create,
  };
}

const operation = fc.oneof(
  fc.record({ do: fc.constant('step' as const), count: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constant('rollback' as const), count: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constant('abort' as const), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    do: fc.constantFrom('fork' as const, 'load' as const, 'append' as const, 'mark' as const),
    count: fc.integer({ min: 1, max: 30 }),
  }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const policies = {
  streamingLLM: streamingLLM(),
  h2o: h2o(),
  specKV: specKV({ window: 4, lookahead: 3 }),
};

test.each(Object.entries(policies))(
  'a chat under protectRows around %s is the same with and without appends that are refused',
  async (_, policy) => {
    const decoder = mockDecoder({ layers: 2, maxPositions: 160 });
    let refusals = 0;
    const play = async (operations: readonly Operation[], refuses: boolean) => {
      const watched: Watched = { runs: [] };
      const stack = pipeline(decoder, { tokenizer, chunkSize: 24 })
        .use(
          kvDrop({
            policy: protectRows(policy),
            budget: 64,
            every: 6,
            betweenChunks: true,
            positions: 'renumber',
          }),
        )
        .use(watching(watched));
      const options = {
        maxNewTokens: 9,
        temperature: 0.8,
        repetitionPenalty: 1.1,
        seed: 3,
        stop: ['th'],
      };
      let chat: Generation = await stack.start(
        { messages: [{ role: 'system', content: 'Be brief.' }, ...user('Hi.')] },
        options,
      );
      const log: unknown[] = [];
      for (const { do: what, count } of operations) {
        if (refuses)
          for (const length of [70, 300]) {
            await expect(chat.append(marked(length), { maxNewTokens: 2 })).rejects.toThrow(
              PromptError,
            );
            refusals++;
          }
        if (what === 'step') for (let i = 0; i < count; i++) await chat.step();
        else if (what === 'rollback') {
          // After an abort in the prompt there is nothing to take back.
          if (chat.tokens.length > 0) chat.rollback(Math.min(count, chat.tokens.length));
        } else if (what === 'fork' || what === 'load') {
          const file = join(folder, 'saved');
          const other = await (async () => {
            if (what === 'fork') return chat.fork({ seed: count });
            await chat.save(file);
            return stack.load(file);
          })().catch((error: Error) => error.message);
          log.push(typeof other === 'string' && other);
          if (typeof other !== 'string') {
            await chat.close();
            chat = other;
          }
        } else if (what === 'abort') {
          const controller = new AbortController();
          watched.abort = { controller, chunks: count };
          await chat.append(user('Go on and on. '.repeat(5)), {
            ...options,
            signal: controller.signal,
          });
          watched.abort = undefined;
        } else {
          const messages = what === 'mark' ? marked(1 + (count % 3)) : user('y'.repeat(count));
          log.push(await chat.append(messages, options).catch((error: Error) => error.message));
        }
        const { metrics, ...result } = chat.result();
        // A turn that was refused never had one.
        const cache = watched.runs.findLast((run) => run.cache)?.cache;
        const { kvBytesAfterPrefill, promptTokens, middlewares } = metrics;
        log.push({
          result,
          parts: chat.parts(),
          metrics: {
            kvBytesAfterPrefill,
            promptTokens,
            ...middlewares['kv-drop'],
            selectMs: 0,
            lookaheadMs: 0,
          },
          rows: cache && [0, 1].map((layer) => [...cache.positions(layer, 0)]),
        });
      }
      await chat.close();
      return log;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 3, maxLength: 10, size: 'max' }),
        async (operations) => {
          const plain = await play(operations, false);
          expect(await play(operations, true)).toEqual(plain);
        },
      ),
      { numRuns: 15 },
    );
    expect(refusals).toBeGreaterThan(100);
    expect(decoder.openSequences).toBe(0);
  },
);
