import { type Message, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { compressText } from '../compress-text.js';
import { type PromptCompressOptions, promptCompress } from '../prompt-compress.js';

/** Situations that other projects had reports about, and that are right here: they must stay so. */
const tokenizer = mockTokenizer();
const draft = mockDecoder({ layers: 2 });
const units = ['token', 'sentence', 'line'] as const;
const user = (content: string): Message => ({ role: 'user', content });

/** Sentences that are nearly the same, with a number each; about 25 tokens of the mock. */
const days = (count: number) =>
  Array.from(
    { length: count },
    (_, i) => `On day ${i + 1}, ${((i * 7) % 53) + 3} boats came in and ${(i * 5) % 31} left.`,
  ).join(' ');

/** What the target reads of a chat, and what the middleware reports. */
async function shortened(messages: Message[], options: Partial<PromptCompressOptions>) {
  const texts: string[] = [];
  const { metrics } = await pipeline(mockDecoder({ layers: 2 }), { tokenizer })
    .use(promptCompress({ draft, keep: 200, ...options } as PromptCompressOptions))
    .use({
      specificationVersion: 'v1',
      name: 'watch',
      requires: [],
      create: (run) => ({
        adjust: () => {
          const { ids } = run.prompt.compressed;
          texts.push(Buffer.concat(Array.from(ids, (id) => tokenizer.bytes(id))).toString());
        },
      }),
    })
    .generate({ messages }, { maxNewTokens: 1 });
  return { text: texts[0], metrics };
}

describe('empty and blank messages beside a long one', () => {
  it.each([
    [[{ role: 'system', content: '' }, user(days(8))]],
    [[user(''), { role: 'assistant', content: '' }, user(days(8))]],
    [[user('   \n'), user(days(8))]],
  ])('stay (%#)', async (messages) => {
    for (const unit of units) await shortened(messages, { unit, perMessage: true });
    const compressed = await compressText(messages, { draft, tokenizer, keep: 200 });
    expect(compressed.messages.length).toBe(messages.length);
  });
});

it('an empty text stays empty, and no messages at all are an error that says so', async () => {
  for (const keep of [64, { ratio: 0.5 }]) {
    const { messages } = await compressText([user('')], { draft, tokenizer, keep });
    expect(messages[0].content).toBe('');
  }
  await expect(compressText([], { draft, tokenizer, keep: 64 })).rejects.toThrow('no messages');
});

it('prompts of more than keep and minTokens are shortened to keep, others left alone', async () => {
  for (const count of [1, 4, 8])
    for (const keep of [140, 180]) {
      const messages = [user(`${days(count)}\nWhich day had the most boats?`)];
      const { metrics } = await shortened(messages, { keep, minTokens: 128 });
      if (metrics.promptTokens > Math.max(keep, 128))
        expect(metrics.promptTokensKept).toBeLessThanOrEqual(keep);
      else expect(metrics.promptTokensKept).toBe(metrics.promptTokens);
    }
});

it('a marked message is whole, under every unit', async () => {
  const rule = 'Rule 7: never feed the grey heron after sunset, code QX-4471-b.';
  const messages: Message[] = [
    user(days(6)),
    { role: 'assistant', content: rule, keep: 'always' },
    user(`${days(5)}\nWhat is rule 7?`),
  ];
  for (const unit of units)
    expect((await shortened(messages, { keep: 260, unit })).text).toContain(rule);
  const compressed = await compressText(messages, { draft, tokenizer, keep: 260 });
  expect(compressed.messages[1].content).toBe(rule);
});

it('the last sentence is never cut', async () => {
  const last = 'Answer with the number alone and nothing else.';
  const messages = [user(`${days(12)}\nHow many boats came on day 9? ${last}`)];
  for (const unit of units)
    expect((await shortened(messages, { keep: 180, unit })).text).toContain(last);
});

it('compressing again what fits changes nothing, and a smaller keep gives a part of it', async () => {
  const compress = (messages: readonly Message[], keep: number) =>
    compressText(messages, { draft, tokenizer, keep, unit: 'sentence' });
  const first = await compress([user(`${days(16)}\nWhich day had the most boats?`)], 240);
  const again = await compress(first.messages, 240);
  const less = await compress(again.messages, 170);
  expect(first.tokensKept).toBeLessThanOrEqual(240);
  expect(again.messages).toEqual(first.messages);
  expect(less.tokensKept).toBeLessThanOrEqual(170);
  const sentences = first.messages[0].content.split(/(?<=\.) /);
  for (const sentence of less.messages[0].content.split(/(?<=\.) /))
    expect(sentences).toContain(sentence);
});

it('a question longer than keep is refused with the numbers under keepQuestion, shortened without', async () => {
  const messages = [user(days(6)), user(`${days(5)} Which?`)];
  await expect(shortened(messages, { keep: 120, keepQuestion: true })).rejects.toThrow('must stay');
  const { metrics } = await shortened(messages, { keep: 120 });
  expect(metrics.promptTokensKept).toBeLessThanOrEqual(120);
  expect(() => promptCompress({ draft, keep: 32 })).toThrow('window');
});
