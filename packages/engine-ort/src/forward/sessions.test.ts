import { argmax, type Capability, type Sequence } from '@pliant/core';
import { describe, expect, it } from 'vitest';
import { openTiny, readGolden, runtimes } from '../goldens.test.support.js';

const { prompts } = readGolden('tiny-llama');
const short = Int32Array.from(prompts.short.ids);
const stacks: readonly (readonly Capability[])[] = [
  [],
  ['scores'],
  ['layers.skip'],
  ['hidden.means'],
  ['block.influences', 'scores'],
];

async function decode(sequence: Sequence, count: number): Promise<number[]> {
  const tokens = [argmax((await sequence.forward({ ids: short })).logits)];
  while (tokens.length < count)
    tokens.push(argmax((await sequence.forward({ ids: Int32Array.of(tokens.at(-1)!) })).logits));
  return tokens;
}

describe.each(runtimes)('sessions on the %s runtime', (runtime) => {
  it.each([undefined, 0])(
    'builds each once for stacks that run together, with memory for %s bytes',
    async (sessionMemory) => {
      const decoder = await openTiny('tiny-llama', { runtime, sessionMemory });
      const run = async (needs: readonly Capability[]) => {
        const sequence = await decoder.open({ needs });
        const tokens = await decode(sequence, 12);
        return { sequence, tokens };
      };
      const all = await Promise.all([...stacks, ...stacks].map(run));
      for (const { tokens } of all) expect(tokens).toEqual(prompts.short.greedyTokens);
      const { sessions, sessionBuilds, sessionRebuilds } = decoder.inspect();
      expect(sessionBuilds).toBe(sessions.length);
      expect(sessions.length).toBeLessThanOrEqual(stacks.length);
      expect(sessionRebuilds).toBe(0);
      for (const { sequence } of all) sequence.close();
    },
  );

  it('serves a forward by a loaded session with more ports where there is no room, to the bit', async () => {
    const roomy = await openTiny('tiny-llama', { runtime });
    const tight = await openTiny('tiny-llama', { runtime, sessionMemory: 0 });
    const logits = async (decoder: typeof roomy) => {
      const sequence = await decoder.open();
      const all = [...(await sequence.forward({ ids: short, want: { logits: 'all' } })).logits];
      for (let token = 1; token < 4; token++)
        all.push(...(await sequence.forward({ ids: Int32Array.of(token) })).logits);
      sequence.close();
      return all;
    };
    const plain = await logits(roomy);
    for (const needs of stacks.slice(1)) {
      await tight.prepare(needs);
      expect(await logits(tight)).toEqual(plain);
      expect(tight.inspect().sessions).toEqual([expect.not.stringContaining('plain')]);
    }
  });

  it('keeps what drafts need beside what the decoder needs', async () => {
    const decoder = await openTiny('tiny-llama', { runtime, sessionMemory: 0 });
    const drafts = [1, 2].map((layers) => decoder.draft({ layers }));
    const open = [decoder, ...drafts];
    const sequences = await Promise.all(open.map((one) => one.open({ needs: ['scores'] })));
    for (let round = 0; round < 3; round++)
      await Promise.all(sequences.map((sequence) => sequence.forward({ ids: short })));
    expect(decoder.inspect().sessionBuilds).toBe(3);
    await drafts[0].close();
    expect(drafts[0].inspect().sessions).toEqual([]);
    expect(decoder.inspect().sessions).toEqual(['scores']);
  });
});

it('tells when sessions take turns in the memory', async () => {
  const decoder = await openTiny('tiny-llama', { sessionMemory: 0 });
  const warnings: string[] = [];
  const listen = ({ name, message }: Error) => {
    if (name === 'PliantWarning') warnings.push(message);
  };
  process.on('warning', listen);
  for (const needs of [['scores'], ['layers.skip'], ['scores'], ['layers.skip']] as const) {
    const sequence = await decoder.open({ needs });
    await sequence.forward({ ids: short });
    sequence.close();
  }
  await new Promise(setImmediate);
  process.off('warning', listen);
  expect(decoder.inspect()).toMatchObject({ sessionBuilds: 4, sessionRebuilds: 2 });
  expect(warnings).toEqual([expect.stringMatching(/tiny-llama.*sessionMemory/)]);
});
