import { type Capability, PromptError, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { expect, it } from 'vitest';
import { type KvDropOptions, kvDrop } from './kv-drop.js';
import { knorm } from './policies/knorm.js';
import { snapKV } from './policies/snap-kv.js';
import { streamingLLM } from './policies/streaming-llm.js';

const tokenizer = { ...mockTokenizer(), endOfText: new Set<number>() };
const text = 'The boat came in at noon. '.repeat(40);
const policies = { snapKV, streamingLLM };

/** The stack that an error advises. */
function advised(message: string): KvDropOptions<Capability> {
  const found =
    /kvDrop\(\{ policy: (snapKV|streamingLLM)\(\), budget: (\d+), betweenChunks: true, positions: 'renumber' \}\)/.exec(
      message,
    );
  if (!found) throw new Error(`no advice: ${message}`);
  const policy = policies[found[1] as keyof typeof policies]();
  return { policy, budget: Number(found[2]), betweenChunks: true, positions: 'renumber' };
}

const needed: Capability[] = ['kv.edit', 'positions.explicit', 'positions.renumber'];
it.each<[number, readonly Capability[], string]>([
  [256, [...needed, 'scores'], 'snapKV'],
  [256, needed, 'streamingLLM'],
  [64, [...needed, 'scores'], 'streamingLLM'],
  [16, needed, 'streamingLLM'],
])(
  'the advice about a text beyond a context of %i works',
  async (maxPositions, capabilities, policy) => {
    const decoder = mockDecoder({ maxPositions, capabilities });
    for (const prompt of [{ text }, { messages: [{ role: 'user', content: text }] }]) {
      const error = await pipeline(decoder, { tokenizer })
        .generate(prompt)
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(PromptError);
      const { message } = error as PromptError;
      expect(message).not.toContain('prompt-compress');
      const options = advised(message);
      expect(options.policy.name).toBe(policy);
      const stack = pipeline(decoder, { tokenizer }).use(kvDrop(options) as never);
      const { tokens } = await stack.generate(prompt, { maxNewTokens: 2 });
      expect(tokens).toHaveLength(2);
    }
  },
);

it('where the decoder cannot number rows anew, kvDrop is not advised', async () => {
  const run = pipeline(mockDecoder({ maxPositions: 256, capabilities: ['kv.edit'] }), {
    tokenizer,
  }).generate({ text });
  await expect(run).rejects.toThrow('open a model with a longer context');
  await expect(run).rejects.not.toThrow('kvDrop');
});

it('a chat that fills the context is told the same, and so is a kvDrop without the options', async () => {
  const decoder = mockDecoder({ maxPositions: 128 });
  const messages = [{ role: 'user', content: 'Hi' }];
  const chat = await pipeline(decoder, { tokenizer }).start({ messages }, { maxNewTokens: 4 });
  const refused = await chat
    .append([{ role: 'user', content: text }])
    .catch((thrown: Error) => thrown.message);
  await chat.close();
  const stack = pipeline(decoder, { tokenizer }).use(kvDrop(advised(String(refused)) as never));
  const longer = await stack.start({ messages }, { maxNewTokens: 4 });
  await longer.append([{ role: 'user', content: text }]);
  await longer.close();
  const half = pipeline(decoder, { tokenizer }).use(kvDrop({ policy: knorm(), budget: 32 }));
  await expect(half.generate({ text })).rejects.toThrow(/give kvDrop betweenChunks and positions/);
});

it('a budget that leaves no room in the context is told so', async () => {
  const stack = (budget: number) =>
    pipeline(mockDecoder({ maxPositions: 128 }), { tokenizer }).use(
      kvDrop({ policy: streamingLLM(), budget, betweenChunks: true, positions: 'renumber' }),
    );
  await expect(stack(127).generate({ text })).rejects.toThrow('give a smaller budget');
  const { tokens } = await stack(120).generate({ text }, { maxNewTokens: 2 });
  expect(tokens).toHaveLength(2);
});

it('an answer that fills the context is told how to go on', async () => {
  const decoder = mockDecoder({ maxPositions: 64 });
  const plain = pipeline(decoder, { tokenizer });
  const { warnings, tokens } = await plain.generate({ text: 'abc' }, { maxNewTokens: 200 });
  expect(tokens.length).toBeLessThan(70);
  expect(warnings[0].details).toMatch(/kvDrop\(\{ every, positions: 'renumber', ... \}\)/);
  const longer = await plain
    .use(kvDrop({ policy: streamingLLM(), budget: 32, every: 8, positions: 'renumber' }))
    .generate({ text: 'abc' }, { maxNewTokens: 200 });
  expect(longer).toMatchObject({ finishReason: 'length', warnings: [] });
  expect(longer.tokens).toHaveLength(200);
});
