import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { expect, it } from 'vitest';
import { ask } from '../ask.js';
import type { RealDocument } from '../questions/documents.js';
import { type Keep, methodNames, methodsOf } from './methods.js';

const evidence = 'The lighthouse was painted red by Ms Holm.';
const text = Array.from({ length: 20 }, (_, i) =>
  i === 9 ? evidence : `On day ${i + 1} boats came in, ${i + 3} of them.`,
).join(' ');
const question = {
  id: 'q',
  form: 'after' as const,
  question: 'Who painted it?',
  answers: ['Holm'],
  evidence: [evidence],
};
const document: RealDocument = {
  id: 'd',
  kind: 'prose',
  language: 'en',
  source: '',
  half: 'tune',
  text,
  questions: [question],
};

const decoder = mockDecoder();
const methods = methodsOf(decoder.draft({ layers: 2 }), mockDecoder({ seed: 1 }));
const tokenizer = mockTokenizer();
const answer = (method: keyof typeof methods, keep: Keep) =>
  ask({
    decoder,
    tokenizer,
    document,
    question,
    middlewares: () => methods[method](keep, { document: text, question: question.question }),
  });

it.each(methodNames)('%s answers with as much as it may keep', async (method) => {
  const whole = await answer('plain', 1);
  expect(whole.evidence).toBe(1);
  for (const keep of [400, { ratio: 0.5 }]) {
    const { error, tokens, tokensKept, evidence } = await answer(method, keep);
    expect(error).toBeUndefined();
    expect(tokens).toBe(whole.tokens);
    const readsAll = ['plain', 'specKV', 'snapKV'].includes(method);
    const most = readsAll ? tokens! : typeof keep === 'number' ? keep : tokens! / 2;
    expect(evidence).toBeGreaterThanOrEqual(0);
    if (method === 'auto') continue;
    expect(tokensKept).toBeLessThanOrEqual(most);
    expect(tokensKept).toBeGreaterThan(most * 0.8);
    if (readsAll) expect(evidence).toBe(1);
  }
});

it('the published setting does not look at measured heads', async () => {
  const heads = [{ layer: 1, head: 2 }];
  const draftOf = (measured?: object) => {
    const draft = mockDecoder({ layers: 2, seed: 2 });
    return measured ? { ...draft, defaults: { 'prompt-compress': measured } } : draft;
  };
  const [without, measured] = [draftOf(), draftOf({ heads })].map((draft) =>
    methodsOf(draft, draft),
  );
  const given = methodsOf(draftOf(), draftOf(), { heads });
  const readBy = async (of: typeof methods, method: 'specPC' | 'look-ahead' | 'tokens') => {
    const target = mockDecoder();
    const subject = { document: text, question: question.question };
    const middlewares = () => of[method](400, subject);
    await ask({ decoder: target, tokenizer, document, question, middlewares });
    return target.calls[0].ids;
  };
  for (const method of ['specPC', 'look-ahead'] as const) {
    const read = await readBy(without, method);
    expect(await readBy(measured, method)).toEqual(read);
    expect(await readBy(given, method)).toEqual(read);
  }
  expect(await readBy(measured, 'tokens')).not.toEqual(await readBy(without, 'tokens'));
});

it('what a method refuses is a failed answer, not the end of the evaluation', async () => {
  const { right, error } = await answer('tokens', 10);
  expect(right).toBe(false);
  expect(error).toContain('window');
});
