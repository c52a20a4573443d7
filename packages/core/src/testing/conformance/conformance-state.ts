import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stepAll } from '../../pipeline.js';
import { finish } from './conformance-output.js';
import {
  type ConformanceStack,
  check,
  checkSame,
  greedy,
  otherPrompt,
  prompt,
  sampled,
} from './conformance-stack.js';
import type { ConformanceCase } from './conformance-subject.js';

/** State belongs to one generation, is copied by a fork, and follows tokens taken back. */
export function stateCases(stack: ConformanceStack): ConformanceCase[] {
  const alone = async (options = greedy) => ({
    first: (await stack.reference('active', options)).result,
    second: (await stack.reference('active', options, otherPrompt)).result,
  });
  return [
    {
      name: 'active: two generations at once do not mix',
      run: async () => {
        for (const options of [greedy, sampled]) {
          const { first, second } = await alone(options);
          await stack.with('active', {}, async ({ pipeline }) => {
            const together = await Promise.all([
              pipeline.generate(prompt, options),
              pipeline.generate(otherPrompt, options),
            ]);
            checkSame(together[0], first, 'beside another generation, against alone');
            checkSame(together[1], second, 'beside another generation, against alone');
          });
        }
      },
    },
    {
      name: 'active: generations stepped together by stepAll go on as alone',
      run: async () => {
        const { first, second } = await alone();
        await stack.with('active', {}, async ({ pipeline }) => {
          const generations = [
            await pipeline.start(prompt, greedy),
            await pipeline.start(otherPrompt, greedy),
          ];
          while (generations.some(({ done }) => !done)) await stepAll(generations);
          for (const generation of generations) await generation.close();
          checkSame(generations[0].result(), first, 'stepAll against alone');
          checkSame(generations[1].result(), second, 'stepAll against alone');
        });
      },
    },
    {
      name: 'active: a fork goes on as the original does, in any order',
      run: async () => {
        const { result: expected } = await stack.reference('active', greedy);
        await stack.with('active', {}, async ({ pipeline }) => {
          for (const order of ['fork first', 'original first', 'in turns'] as const) {
            const original = await pipeline.start(prompt, greedy);
            for (let step = 0; step < 3; step++) await original.step();
            const fork = await original.fork({ seed: 1 });
            if (order === 'fork first') await finish(fork);
            if (order === 'original first') await finish(original);
            while (!original.done || !fork.done) {
              await original.step();
              await fork.step();
            }
            await original.close();
            await fork.close();
            checkSame(fork.result(), expected, `fork (${order}) against a run without fork`);
            checkSame(original.result(), expected, `original (${order}) against one without fork`);
          }
        });
      },
    },
    {
      name: 'active: a fork does not change what the original samples',
      run: async () => {
        const { result: expected } = await stack.reference('active', sampled);
        await stack.with('active', {}, async ({ pipeline }) => {
          const original = await pipeline.start(prompt, sampled);
          for (let step = 0; step < 3; step++) await original.step();
          const fork = await finish(await original.fork({ seed: 99 }));
          await fork.close();
          await finish(original);
          await original.close();
          checkSame(original.result(), expected, 'original against a run without fork');
        });
      },
    },
    {
      name: 'active: tokens taken back are chosen again',
      run: async () => {
        const { result: expected } = await stack.reference('active', greedy);
        await stack.with('active', {}, async ({ pipeline }) => {
          const generation = await pipeline.start(prompt, greedy);
          while (generation.tokens.length < 6 && !generation.done) await generation.step();
          check(generation.tokens.length >= 6, `it ended after ${generation.tokens.length} tokens`);
          for (const count of [1, generation.tokens.length - 1]) generation.rollback(count);
          check(generation.tokens.length === 0, `${generation.tokens.length} tokens are left`);
          await finish(generation);
          generation.rollback(4);
          await finish(generation);
          await generation.close();
          if (stack.subjects.some(({ dropsWhileDecoding }) => dropsWhileDecoding))
            check(generation.tokens.length > 0, 'no token is chosen after rollbacks');
          else checkSame(generation.result(), expected, 'after rollbacks, against a run without');
        });
      },
    },
    {
      name: 'active: a fork is rolled back to before the fork',
      run: async () => {
        if (stack.subjects.some(({ dropsWhileDecoding }) => dropsWhileDecoding)) return;
        const { result: expected } = await stack.reference('active', greedy);
        await stack.with('active', {}, async ({ pipeline }) => {
          const original = await pipeline.start(prompt, greedy);
          while (original.tokens.length < 6 && !original.done) await original.step();
          const fork = await original.fork({ seed: 1 });
          if (!fork.done) await fork.step();
          fork.rollback(fork.tokens.length - 2);
          await finish(fork);
          await finish(original);
          await original.close();
          await fork.close();
          checkSame(fork.result(), expected, 'fork after a rollback, against a run without');
          checkSame(original.result(), expected, 'original beside it, against a run without');
        });
      },
    },
    {
      name: 'neutral: a saved generation goes on as the plain one',
      run: async () => {
        const { result: expected } = await stack.reference('plain', greedy);
        const folder = await mkdtemp(join(tmpdir(), 'pliant-conformance-'));
        try {
          await stack.with('neutral', {}, async ({ pipeline }) => {
            const saved = await pipeline.start(prompt, greedy);
            for (let step = 0; step < 3; step++) await saved.step();
            await saved.save(join(folder, 'saved'));
            await saved.close();
            const loaded = await finish(await pipeline.load(join(folder, 'saved')));
            await loaded.close();
            checkSame(loaded.result(), expected, 'loaded, against the plain run');
          });
        } finally {
          await rm(folder, { recursive: true });
        }
      },
    },
  ];
}
