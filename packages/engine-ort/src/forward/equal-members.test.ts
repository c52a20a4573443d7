import type { Sequence } from '@pliant/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, openTiny, readGolden, runtimes } from '../goldens.test.support.js';

const prompt = Int32Array.from(readGolden('tiny-llama').prompts.long!.ids);
const one = (token: number) => ({ ids: Int32Array.of(token) });

describe.each(runtimes)('forks that read the same, on the %s runtime', (runtime) => {
  it('are one row of the batch until they part, and hold their rows once', async () => {
    const decoder = await openTiny('tiny-llama', { runtime });
    const first = await decoder.open({ rows: 200 });
    await first.forward({ ids: prompt });
    const { bytes } = first.cache;
    const forks = [first, ...(await Promise.all([1, 2, 3].map(() => first.fork())))];
    const sum = () => forks.reduce((total, { cache }) => total + cache.bytes, 0);
    for (let step = 0; step < 5; step++) {
      const outputs = await decoder.forwardBatch!(
        forks,
        forks.map(() => one(step)),
      );
      // Each reader has logits of its own to write into.
      outputs[0].logits.fill(0);
      expect(outputs[1].logits.some((logit) => logit !== 0)).toBe(true);
      expect(sum()).toBeCloseTo(bytes, 6);
    }
    await decoder.forwardBatch!(
      forks,
      forks.map((_, index) => one(index)),
    );
    expect(sum()).toBeGreaterThan(2 * bytes);
    for (const { cache } of forks) expect(cache.rows(2)).toBe(prompt.length + 6);
    await decoder.close();
  });

  it('give what each alone would give, whatever is forked, stepped, edited and closed', async () => {
    const decoder = await openTiny('tiny-llama', { runtime });
    /** Side by side with a sequence that never shares anything. */
    interface Pair {
      readonly sequence: Sequence;
      readonly tokens: number[];
    }
    const alone = async (tokens: readonly number[]) => {
      const sequence = await decoder.open();
      let logits = (await sequence.forward({ ids: prompt })).logits.slice();
      for (const token of tokens) logits = (await sequence.forward(one(token))).logits.slice();
      sequence.close();
      return logits;
    };
    const action = fc.record({
      do: fc.constantFrom('step', 'step', 'fork', 'close', 'truncate', 'single'),
      pick: fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 5 }),
      tokens: fc.array(fc.nat({ max: 2 }), { minLength: 5, maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 14, size: 'max' }), async (actions) => {
        const first = await decoder.open();
        await first.forward({ ids: prompt });
        const pairs: Pair[] = [{ sequence: first, tokens: [] }];
        for (const { do: what, pick, tokens } of actions) {
          const chosen = [...new Set(pick.map((index) => pairs[index % pairs.length]))];
          if (what === 'fork')
            for (const { sequence, tokens } of chosen)
              pairs.push({ sequence: await sequence.fork(), tokens: [...tokens] });
          if (what === 'step' || what === 'single') {
            const members = what === 'single' ? chosen.slice(0, 1) : chosen;
            const outputs = await decoder.forwardBatch!(
              members.map(({ sequence }) => sequence),
              members.map((_, index) => one(tokens[index])),
            );
            const copies = outputs.map(({ logits }) => logits.slice());
            for (const [index, member] of members.entries()) {
              member.tokens.push(tokens[index]);
              const expected = await alone(member.tokens);
              expect(largestDifference(copies[index], expected)).toBeLessThan(1e-4);
            }
          }
          if (what === 'truncate' && chosen[0].tokens.length > 0) {
            const { sequence, tokens } = chosen[0];
            tokens.pop();
            sequence.edit({ truncate: prompt.length + tokens.length });
          }
          if (what === 'close' && pairs.length > chosen.length)
            for (const gone of chosen) {
              gone.sequence.close();
              pairs.splice(pairs.indexOf(gone), 1);
            }
        }
        for (const { sequence, tokens } of pairs) {
          expect(sequence.cache.rows(1)).toBe(prompt.length + tokens.length);
          sequence.close();
        }
      }),
      { numRuns: 12 },
    );
    await decoder.close();
  });

  it('are as before when their forward is aborted or one of them is closed', async () => {
    const decoder = await openTiny('tiny-llama', { runtime });
    const first = await decoder.open();
    await first.forward({ ids: prompt });
    const forks = [first, await first.fork(), await first.fork()];
    const abort = new AbortController();
    const signal = abort.signal;
    const aborted = decoder.forwardBatch!(
      forks,
      forks.map(() => ({ ...one(1), signal })),
    );
    abort.abort();
    await expect(aborted).rejects.toThrow();
    for (const { cache } of forks) expect(cache.rows(0)).toBe(prompt.length);
    const closing = decoder.forwardBatch!(
      forks,
      forks.map(() => one(1)),
    );
    forks[0].close();
    await expect(closing).rejects.toThrow('closed');
    const left = forks.slice(1);
    const outputs = await decoder.forwardBatch!(left, [one(2), one(3)]);
    const copies = outputs.map(({ logits }) => logits.slice());
    for (const [index, token] of [2, 3].entries()) {
      const alone = await decoder.open();
      await alone.forward({ ids: prompt });
      await alone.forward(one(1));
      const { logits } = await alone.forward(one(token));
      expect(largestDifference(copies[index], logits)).toBeLessThan(1e-4);
    }
    await decoder.close();
  });
});
