import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Generation,
  type Message,
  type Middleware,
  PromptError,
  pipeline,
  type Run,
} from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { kvDrop } from './kv-drop.js';
import { h2o } from './policies/h2o.js';
import { pyramidKV } from './policies/pyramid-kv.js';
import { snapKV } from './policies/snap-kv.js';
import { streamingLLM } from './policies/streaming-llm.js';
import type { Policy } from './scoring/policy.js';
import { protectRows } from './wrappers/protect-rows.js';

const tokenizer = mockTokenizer();
const user = (content: string, keep?: Message['keep']) => [{ role: 'user', content, keep }];
const opening = [{ role: 'system', content: 'Be brief.' }, ...user('Hi.')];
const file = join(mkdtempSync(join(tmpdir(), 'long-chats-')), 'chat');

/** Notes the run of each turn. */
function watching(runs: Run[]): Middleware {
  const create = (run: Run) => {
    runs.push(run);
    return { nextTurn: create };
  };
  return { specificationVersion: 'v1', name: 'watching', requires: [], create };
}
function stackOf(policy: Policy, budget: number, runs: Run[] = []) {
  const decoder = mockDecoder({ maxPositions: 256 });
  return pipeline(decoder, { tokenizer, chunkSize: 32 })
    .use(kvDrop({ policy, budget, every: 16, betweenChunks: true, positions: 'renumber' }))
    .use(watching(runs));
}
async function finish(generation: Generation) {
  while (!generation.done) await generation.step();
  return [...generation.tokens];
}
/** What the cache holds of a layer's first KV head. */
const held = ({ cache }: Run, layer = 0) => new Set(cache!.positions(layer, 0));

describe('a chat with protectRows goes on for as long as one likes', () => {
  const policies: Record<string, Policy> = {
    streamingLLM: streamingLLM(),
    h2o: h2o(),
    snapKV: snapKV({ window: 8 }),
    pyramidKV: pyramidKV({ window: 3, beta: 3 }),
  };
  for (const [name, policy] of Object.entries(policies))
    it(`around ${name}: 25 turns in 160 rows, of which the newest template holds at most half`, async () => {
      const runs: Run[] = [];
      const stack = stackOf(protectRows(policy), 160, runs);
      const chat = await stack.start({ messages: opening }, { maxNewTokens: 8 });
      const template: number[] = [];
      for (let turn = 1; turn < 25; turn++) {
        const run = runs.at(-1)!;
        const { position, original } = run.prompt;
        const isWithin = (at: number) =>
          original.spans.some(({ from, to }) => at >= from && at < to);
        // The last token is fed again: its row is written anew.
        for (let at = 0; at < original.ids.length; at++)
          if (!isWithin(at)) template.push(position + at);
        const rows = held(run);
        for (let row = 0; row < 4; row++) expect(rows).toContain(row);
        const [system] = runs[0].prompt.original.spans;
        for (let row = system.from; row < system.to; row++) expect(rows).toContain(row);
        // Half of what sinks and system message leave of 160, less what the newest end of a turn
        // moves.
        for (const row of template.slice(-60)) expect(rows).toContain(row);
        await finish(chat);
        await chat.append(user('What else?'));
      }
      const rows = held(runs.at(-1)!);
      // Others may rank what is not protected as high.
      if (name === 'streamingLLM')
        expect(template.filter((row) => rows.has(row)).length).toBeLessThan(90 + 8);
      expect(chat.result().warnings).toEqual([]);
      await chat.close();
    });

  it('read at once, with a warning that its own template is not all there', async () => {
    const messages = Array.from({ length: 40 }, (_, i) => ({
      role: i % 2 ? 'assistant' : 'user',
      content: `Message ${i}.`,
    }));
    const { warnings, tokens } = await stackOf(protectRows(streamingLLM()), 100).generate(
      { messages },
      { maxNewTokens: 4 },
    );
    expect(tokens).toHaveLength(4);
    expect(warnings).toMatchObject([
      { type: 'degraded', feature: 'protected template', middleware: 'kv-drop' },
    ]);
  });
});

describe('an append that the budget refuses', () => {
  const tooLong = user('x'.repeat(90), 'always');
  it('names the rows, and changes nothing', async () => {
    const play = async (refused: boolean) => {
      const stack = stackOf(protectRows(streamingLLM()), 80);
      const options = { maxNewTokens: 8, temperature: 1, seed: 4, repetitionPenalty: 1.2 };
      const chat = await stack.start({ messages: opening }, options);
      const told: unknown[] = [];
      for (let turn = 0; turn < 5; turn++) {
        await chat.step();
        if (refused)
          await expect(chat.append(tooLong)).rejects.toThrow(
            /rows always stay, \d+ of them from before this turn, .*budget of 80/,
          );
        const fork = await chat.fork({ seed: turn });
        told.push(await finish(fork), await finish(chat));
        await fork.close();
        if (refused) await expect(chat.append(tooLong)).rejects.toThrow(PromptError);
        chat.rollback(3);
        told.push(await finish(chat));
        const { metrics, ...result } = chat.result();
        told.push({ ...result, middlewares: { ...metrics.middlewares['kv-drop'], selectMs: 0 } });
        await chat.save(file);
        const loaded = await stack.load(file);
        if (refused) await expect(loaded.append(tooLong)).rejects.toThrow(PromptError);
        told.push([...loaded.tokens]);
        await loaded.append(user('So?'));
        told.push(await finish(loaded));
        await loaded.close();
        await chat.append(user('ok'));
      }
      await chat.close();
      return told;
    };
    expect(await play(true)).toEqual(await play(false));
  });

  it('of messages marked in earlier turns leaves a chat that goes on without marks', async () => {
    const stack = stackOf(protectRows(streamingLLM()), 80);
    const chat = await stack.start({ messages: opening }, { maxNewTokens: 4 });
    let refused = 0;
    for (let turn = 0; turn < 12; turn++) {
      await finish(chat);
      await chat.append(user('Note this.', 'always')).catch((error) => {
        expect(error).toBeInstanceOf(PromptError);
        refused++;
      });
      await finish(chat);
      await chat.append(user('And this?'));
    }
    expect(refused).toBeGreaterThan(3);
    await chat.close();
  });
});
