import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CacheView, type Generation, type Middleware, pipeline, type Run } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { kvDrop } from './kv-drop.js';
import { h2o } from './policies/h2o.js';
import { randomRows } from './policies/random-rows.js';
import { specKV } from './policies/spec-kv.js';

const tokenizer = { ...mockTokenizer(), endOfText: new Set<number>() };
const decoder = mockDecoder({ layers: 2 });
const firstLayer = decoder.draft({ layers: 1 });
const folder = mkdtempSync(join(tmpdir(), 'pliant-interleavings-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Keeps hold of the run of the generation that was made last. */
function watching(seen: { run?: Run }): Middleware<'watching'> {
  return {
    specificationVersion: 'v1',
    name: 'watching',
    requires: [],
    create: (run) => {
      seen.run = run;
      return {};
    },
  };
}

/**
 * In layer 0 a row is decided by its token and position alone: keys and values there as if the
 * whole text had just been read.
 */
async function checkRows(view: CacheView, text: readonly number[], budget: number) {
  const { headDim } = decoder.shape;
  const fresh = await firstLayer.open();
  await fresh.forward({ ids: Int32Array.from(text) });
  for (const read of ['keys', 'values'] as const) {
    const held = view[read](0);
    const expected = fresh.cache[read](0);
    for (let head = 0; head < view.kvHeads; head++) {
      const positions = view.positions(0, head);
      expect(positions.length).toBe(view.rows(0));
      positions.forEach((position, row) => {
        if (row > 0) expect(position).toBeGreaterThan(positions[row - 1]);
        const from = (head * view.rows(0) + row) * headDim;
        const at = (head * text.length + position) * headDim;
        expect(held.subarray(from, from + headDim)).toEqual(expected.subarray(at, at + headDim));
      });
    }
  }
  fresh.close();
  for (let layer = 0; layer < view.layers; layer++) {
    expect(view.rows(layer)).toBeLessThanOrEqual(budget);
    expect(view.positions(layer, 0).at(-1)).toBeLessThan(view.nextPosition);
  }
}

const operation = fc.oneof(
  fc.record({ do: fc.constant('step' as const), count: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constant('rollback' as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constantFrom('fork', 'save and load', 'append') }),
);

const policies = { random: randomRows(), h2o: h2o(), specKV: specKV({ window: 4, lookahead: 3 }) };

test.each(Object.entries(policies))(
  'rows are those of the text at their positions, whatever is done to a generation under %s',
  async (_, policy) => {
    const [budget, every, chunkSize] = [20, 6, 24];
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 3, maxLength: 12, size: 'max' }),
        async (operations) => {
          const seen: { run?: Run } = {};
          const stack = pipeline(decoder, { tokenizer, chunkSize })
            .use(kvDrop({ policy, budget, every, betweenChunks: true }))
            .use(watching(seen));
          const messages = [
            { role: 'user', content: 'It was the best of times, it was. '.repeat(4) },
          ];
          let generation: Generation = await stack.start({ messages }, { maxNewTokens: 200 });
          let read = [...seen.run!.prompt.compressed.ids];
          for (const { do: what, ...rest } of operations) {
            const { count = 0 } = rest as { count?: number };
            const before = [...read, ...generation.tokens];
            if (what === 'step') for (let i = 0; i < count; i++) await generation.step();
            else if (what === 'rollback')
              generation.rollback(Math.min(count, Math.max(0, generation.tokens.length - 1)));
            else if (what === 'append') {
              await generation.append([{ role: 'user', content: 'And the worst of times?' }]);
              const { position, compressed } = seen.run!.prompt;
              read = [...before.slice(0, position), ...compressed.ids];
            } else {
              const file = join(folder, 'saved');
              if (what === 'save and load') await generation.save(file);
              const other = await (what === 'fork'
                ? generation.fork({ seed: 1 })
                : stack.load(file));
              expect(other.tokens).toEqual(generation.tokens);
              await generation.close();
              generation = other;
            }
            const text = [...read, ...generation.tokens];
            const view = seen.run!.cache!;
            // The last accepted token is not read yet.
            expect(view.nextPosition).toBe(text.length - Math.min(1, generation.tokens.length));
            await checkRows(view, text, budget + every);
          }
          await generation.close();
        },
      ),
      { numRuns: 15 },
    );
    expect(decoder.openSequences).toBe(0);
  },
);
