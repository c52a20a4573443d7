import { InvalidOptionsError, PromptError, pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { expect, it } from 'vitest';
import { compressText } from './compress-text.js';
import { promptCompress } from './prompt-compress.js';
import type { CompressionReport } from './report/report.js';

const tokenizer = mockTokenizer();
const filler = Array.from({ length: 40 }, (_, i) => `On day ${i + 1} the sea was calm.`);
const fact = 'The caretaker has the telephone number 555-0148.';
const content = `${[...filler.slice(0, 25), fact, ...filler.slice(25)].join(' ')}\n\nWhat is the telephone number of the caretaker?`;
const messages = [{ role: 'user', content }];

async function reportOf(options: Parameters<typeof promptCompress>[0], asked = messages) {
  const decoder = mockDecoder({ maxPositions: 4096 });
  let report: CompressionReport | undefined;
  const stack = pipeline(decoder, { tokenizer }).use(
    promptCompress({
      ...options,
      onCompressed: (given) => {
        report = given;
      },
    }),
  );
  const { metrics } = await stack.generate({ messages: asked }, { maxNewTokens: 1 });
  const kept = report!.dropped.reduceRight(
    (text, { from, to }) => text.slice(0, from) + text.slice(to),
    report!.text,
  );
  return { ...report!, kept, forwards: decoder.calls.length, metrics };
}

it('chooses by the words of the question, and reads nothing before', async () => {
  const { kept, forwards, metrics } = await reportOf({ keep: 128 });
  expect(kept).toContain(fact);
  expect(metrics.middlewares['prompt-compress'].draftMs).toBe(0);
  expect(forwards).toBe(1);
  expect(metrics.promptTokensKept).toBeLessThanOrEqual(128);
});

it('keeps as much as a share of the evidence needs, and says why', async () => {
  const few = await reportOf({ keep: { evidence: 0.8 } });
  const more = await reportOf({ keep: 'auto' });
  expect(few.kept).toContain(fact);
  expect(few.tokensKept).toBeLessThan(more.tokensKept);
  expect(more.tokensKept).toBeLessThan(more.tokens / 2);
  expect(more.reason).toMatch(/^\d+ of \d+ units are worth at least 0\.25 of the best/);
  expect((await reportOf({ keep: 128 })).reason).toBeUndefined();
});

it('shortens text for a model elsewhere', async () => {
  const {
    messages: shorter,
    tokens,
    tokensKept,
  } = await compressText(messages, { tokenizer, keep: 'auto' });
  expect(shorter[0].content).toContain(fact);
  expect(shorter[0].content).toContain('What is the telephone number of the caretaker?');
  expect(tokensKept).toBeLessThan(tokens / 2);
});

it.each([
  ['unit', { unit: 'token' }],
  ['heads', { heads: [{ layer: 0, head: 0 }] }],
  ['lookahead', { lookahead: 2 }],
  ['lexicalWeight', { lexicalWeight: 1 }],
  ['reduction', { reduction: 'sum' }],
  ['draftTokenizer', { draftTokenizer: tokenizer }],
] as const)('refuses %s, which a draft is needed for', (option, given) => {
  expect(() => promptCompress({ keep: 128, ...given })).toThrow(InvalidOptionsError);
  expect(() => promptCompress({ keep: 128, ...given })).toThrow(
    `option '${option}': needs a draft`,
  );
});

it('refuses ids that are no text', async () => {
  const stack = pipeline(mockDecoder(), { tokenizer }).use(promptCompress({ keep: 64 }));
  await expect(stack.generate({ ids: Array(100).fill(0xff) }, { maxNewTokens: 1 })).rejects.toThrow(
    PromptError,
  );
});

it('keeps by evidence whole units only', () => {
  expect(() => promptCompress({ draft: mockDecoder(), keep: 'auto', unit: 'token' })).toThrow(
    "option 'keep': by evidence needs whole sentences or lines",
  );
});

const question = 'What is the telephone number of the caretaker?';
const rows = filler.map((text, day) => ({ day, text })).concat({ day: 99, text: fact });

it.each([
  ['JSON in an array', JSON.stringify(rows)],
  ['JSON under one key', JSON.stringify({ rows })],
  ['indented JSON', JSON.stringify({ rows }, null, 2)],
  [
    'a table',
    `| day | text |\n|---|---|\n${rows.map(({ day, text }) => `| ${day} | ${text} |`).join('\n')}`,
  ],
])('keeps by evidence what a part of %s needs around it', async (_, document) => {
  const asked = [{ role: 'user', content: `${document}\n\n${question}` }];
  const { kept, tokens, tokensKept } = await reportOf({ keep: 'auto' }, asked);
  expect(kept).toContain(fact);
  expect(tokensKept).toBeLessThan(tokens / 2);
  if (document.startsWith('|')) return;
  const left = kept.slice(kept.indexOf('user\n') + 5, kept.indexOf(question));
  expect(() => JSON.parse(left)).not.toThrow();
});

it('takes no sentence for the answer since it stands next to the question', async () => {
  expect((await reportOf({ keep: 'auto' })).kept).not.toContain('On day 40');
});

it('keeps by evidence all where nothing has to do with the question', async () => {
  const asked = [{ role: 'user', content: `${filler.join(' ')}\n\nКогда?` }];
  const { reason, tokens, tokensKept } = await reportOf({ keep: 'auto' }, asked);
  expect(tokensKept).toBe(tokens);
  expect(reason).toMatch(/^none of \d+ units/);
});
