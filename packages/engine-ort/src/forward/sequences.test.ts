import { argmax, InvalidOptionsError, PromptError, type Sequence, StateError } from '@pliant/core';
import { describe, expect, it } from 'vitest';
import {
  largestDifference,
  openTiny,
  readGolden,
  runtimes,
  sharedTiny,
} from '../goldens.test.support.js';

const { prompts } = readGolden('tiny-llama');
const short = Int32Array.from(prompts.short.ids);
const long = Int32Array.from(prompts.long!.ids);

async function decode(sequence: Sequence, tokens: readonly number[]): Promise<Float32Array> {
  let logits = new Float32Array(0);
  for (const token of tokens)
    logits = (await sequence.forward({ ids: Int32Array.of(token) })).logits.slice();
  return logits;
}

describe.each(runtimes)('sequences on the %s runtime', (runtime) => {
  it('decodes a fork as its parent would have, and leaves the parent as it was', async () => {
    const decoder = await sharedTiny('tiny-llama', { runtime });
    const parent = await decoder.open();
    await parent.forward({ ids: long });
    const fork = await parent.fork();
    const other = await parent.fork();
    await decode(other, [9, 8, 7]);
    other.close();
    const forked = await decode(fork, [1, 2, 3]);
    expect(parent.cache.rows(0)).toBe(long.length);
    expect(await decode(parent, [1, 2, 3])).toEqual(forked);
  });

  it('gives each member of a batch the logits that it asks for in this step', async () => {
    const decoder = await sharedTiny('tiny-llama', { runtime });
    const open = async () => {
      const sequences = await Promise.all([decoder.open(), decoder.open()]);
      for (const [i, sequence] of sequences.entries())
        await sequence.forward({ ids: long.slice(0, 5 + i) });
      return sequences;
    };
    const [together, singles] = [await open(), await open()];
    for (const [token, asking] of [0, 1, 0].entries()) {
      const inputs = [0, 1].map((member) => ({
        ids: Int32Array.of(token + member),
        want: { logits: member === asking ? ('last' as const) : ('none' as const) },
      }));
      const outputs = await decoder.forwardBatch!(together, inputs);
      const copies = outputs.map(({ logits }) => logits.slice());
      for (const [i, input] of inputs.entries()) {
        const { logits } = await singles[i].forward(input);
        expect(copies[i]).toHaveLength(logits.length);
        expect(largestDifference(copies[i], logits)).toBeLessThan(1e-4);
      }
    }
  });

  it('steps several sequences of different lengths as it steps each alone', async () => {
    const decoder = await sharedTiny('tiny-llama', { runtime });
    const prefixes = [long, short, long.slice(0, 5), long.slice(0, 40)];
    const open = async (ids: Int32Array) => {
      const sequence = await decoder.open({ rows: ids.length + 3 });
      await sequence.forward({ ids, want: { logits: 'none' } });
      return sequence;
    };
    const singles = await Promise.all(prefixes.map(open));
    const together = await Promise.all(prefixes.map(open));
    const step = async (members: readonly number[], token: number) => {
      const inputs = members.map((member) => ({ ids: Int32Array.of(token + member) }));
      const outputs = await decoder.forwardBatch!(
        members.map((member) => together[member]),
        inputs,
      );
      const copies = outputs.map(({ logits }) => logits.slice());
      for (const [i, member] of members.entries()) {
        const { logits } = await singles[member].forward(inputs[i]);
        expect(largestDifference(copies[i], logits)).toBeLessThan(1e-4);
        expect(together[member].cache.rows(3)).toBe(singles[member].cache.rows(3));
        expect(together[member].cache.positions(1, 1)).toEqual(
          singles[member].cache.positions(1, 1),
        );
      }
    };
    for (let i = 0; i < 3; i++) await step([0, 1, 2, 3], i);
    const { bytes } = together[0].cache;
    for (let i = 3; i < 10; i++) await step([0, 1, 2, 3], i);
    // They outgrew their first rows on the way.
    expect(together[0].cache.bytes).toBeGreaterThan(bytes);
    // Other members, another order, and a step alone in between.
    await step([3, 1], 100);
    await step([3], 110);
    await step([1, 3, 0], 120);
    for (const sequences of [singles, together]) sequences[3].edit({ truncate: 20 });
    await step([0, 1, 2, 3], 130);
    together[1].close();
    for (let i = 0; i < 3; i++) await step([0, 2, 3], 140 + i);
  });

  it('skips layers in a batch', async () => {
    const decoder = await sharedTiny('tiny-llama', { runtime });
    const layers = Uint8Array.of(1, 0, 1, 0);
    const pairs = await Promise.all(
      [long, short].map(async (ids) => {
        const sequence = await decoder.open({ needs: ['layers.skip'] });
        await sequence.forward({ ids });
        return [sequence, await sequence.fork()] as const;
      }),
    );
    for (let i = 0; i < 3; i++) {
      const input = { ids: Int32Array.of(7 + i), layers };
      const outputs = await decoder.forwardBatch!(
        pairs.map(([sequence]) => sequence),
        [input, input],
      );
      const copies = outputs.map(({ logits }) => logits.slice());
      for (const [member, [sequence, single]] of pairs.entries()) {
        const { logits } = await single.forward(input);
        expect(largestDifference(copies[member], logits)).toBeLessThan(1e-4);
        expect(sequence.cache.rows(1)).toBe([long, short][member].length);
      }
    }
  });

  it('gives the same logits after tokens were taken back and read again', async () => {
    const decoder = await sharedTiny('tiny-llama', { runtime });
    const sequence = await decoder.open();
    const { logits } = await sequence.forward({ ids: long });
    const first = logits.slice();
    sequence.edit({ truncate: long.length - 1 });
    expect(sequence.cache.nextPosition).toBe(long.length - 1);
    const again = await sequence.forward({ ids: long.slice(-1) });
    expect(largestDifference(again.logits, first)).toBeLessThan(1e-4);
    const keepAll = () => Uint32Array.from(long, (_, row) => row);
    sequence.edit({ keep: keepAll });
    const after = await decode(sequence, [5]);
    const plain = await decoder.open();
    await plain.forward({ ids: long });
    expect(largestDifference(after, await decode(plain, [5]))).toBeLessThan(1e-4);
  });

  it('takes turns between sequences that run at the same time', async () => {
    const decoder = await sharedTiny('tiny-llama', { runtime });
    const run = async (ids: Int32Array, needs: readonly ('scores' | 'layers.skip')[]) => {
      const sequence = await decoder.open({ needs });
      const tokens = [argmax((await sequence.forward({ ids })).logits)];
      while (tokens.length < 12)
        tokens.push(
          argmax((await sequence.forward({ ids: Int32Array.of(tokens.at(-1)!) })).logits),
        );
      sequence.close();
      return tokens;
    };
    const all = await Promise.all([
      run(short, []),
      run(long, ['scores']),
      run(short, ['layers.skip']),
    ]);
    expect(all[0]).toEqual(prompts.short.greedyTokens);
    expect(all[1]).toEqual(prompts.long!.greedyTokens);
    expect(all[2]).toEqual(prompts.short.greedyTokens);
  });

  it('keeps the cache as it was when a forward is refused or aborted', async () => {
    const decoder = await sharedTiny('tiny-llama', { runtime });
    const sequence = await decoder.open();
    await sequence.forward({ ids: short });
    const ids = Int32Array.of(4);
    const refused: [Parameters<Sequence['forward']>[0], new (...args: never[]) => Error][] = [
      [{ ids: new Int32Array(0) }, InvalidOptionsError],
      [{ ids: Int32Array.of(512) }, InvalidOptionsError],
      [{ ids: Int32Array.of(-1) }, InvalidOptionsError],
      [{ ids, positions: Int32Array.of(3) }, InvalidOptionsError],
      [{ ids, positions: Int32Array.of(30, 31) }, InvalidOptionsError],
      [{ ids, positions: Int32Array.of(512) }, PromptError],
      [{ ids: new Int32Array(500) }, PromptError],
      [{ ids, layers: Uint8Array.of(1, 1) }, InvalidOptionsError],
      [{ ids, layers: Uint8Array.of(0, 1, 1, 1) }, InvalidOptionsError],
      [
        { ids, want: { scores: { a: { rows: 2, reduceRows: 'max', reduceHeads: 'max' } } } },
        InvalidOptionsError,
      ],
    ];
    for (const [input, type] of refused)
      await expect(sequence.forward(input)).rejects.toBeInstanceOf(type);
    const reason = new Error('enough');
    await expect(sequence.forward({ ids, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(sequence.cache.rows(0)).toBe(short.length);
    const { logits } = await sequence.forward({
      ids: Int32Array.of(prompts.short.greedyTokens[0]),
    });
    expect(largestDifference(logits, prompts.short.firstDecodeLogits)).toBeLessThan(1e-3);
  });

  it('refuses a closed or busy sequence, and batches that are none', async () => {
    const decoder = await openTiny('tiny-llama', { runtime });
    const [one, two] = [await decoder.open(), await decoder.open()];
    const running = one.forward({ ids: short });
    await expect(one.forward({ ids: short })).rejects.toBeInstanceOf(StateError);
    expect(() => one.edit({ truncate: 0 })).toThrow(StateError);
    await running;
    const input = { ids: Int32Array.of(3) };
    const batch = decoder.forwardBatch!.bind(decoder);
    await expect(batch([one, one], [input, input])).rejects.toBeInstanceOf(InvalidOptionsError);
    await expect(batch([one], [input, input])).rejects.toBeInstanceOf(InvalidOptionsError);
    await expect(batch([one, two], [input, { ids: short }])).rejects.toBeInstanceOf(
      InvalidOptionsError,
    );
    const stray = two.forward({ ids: short });
    two.close();
    await expect(stray).rejects.toBeInstanceOf(StateError);
    two.close();
    await expect(two.forward({ ids: short })).rejects.toBeInstanceOf(StateError);
    await decoder.close();
    await expect(one.forward(input)).rejects.toBeInstanceOf(StateError);
    await expect(decoder.open()).rejects.toBeInstanceOf(StateError);
  });

  it('drafts with the first layers, as scores of the whole model see them', async () => {
    const decoder = await openTiny('tiny-llama', { runtime });
    const draft = decoder.draft({ layers: 2 });
    expect(draft.id).toBe('tiny-llama/draft-2');
    expect(draft.shape).toEqual({ ...decoder.shape, layers: 2 });
    const scores = async (model: typeof decoder) => {
      const sequence = await model.open({ needs: ['scores'] });
      const output = await sequence.forward({
        ids: long,
        want: {
          logits: 'none',
          scores: { x: { rows: 4, layers: [0, 1], reduceRows: 'sum', reduceHeads: 'none' } },
        },
      });
      expect(output.logits.length).toBe(0);
      return output.scores!.x;
    };
    const [whole, early] = [await scores(decoder), await scores(draft)];
    expect(early.size).toBe(2);
    for (const [layer, values] of early)
      expect(largestDifference(values, whole.get(layer)!)).toBeLessThan(1e-5);
    expect(() => decoder.draft({ layers: 5 })).toThrow(InvalidOptionsError);
    expect(() => decoder.draft({ layers: 0 })).toThrow(InvalidOptionsError);
    await decoder.close();
    await expect(draft.open()).rejects.toBeInstanceOf(StateError);
  });
});
