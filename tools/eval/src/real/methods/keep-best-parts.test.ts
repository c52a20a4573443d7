import { pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { expect, it } from 'vitest';
import { askIn, type Form, formNames } from '../questions/forms.js';
import { keepBestParts, type Rate } from './keep-best-parts.js';
import { byChance, byContrast, byEnds, bySurprisal, byWords, rememberingReader } from './rates.js';

const boats = Array.from(
  { length: 20 },
  (_, i) => `On day ${i + 1} the wind was light and ${i + 3} boats came in.`,
);
boats[12] = 'The lighthouse was painted red by Ms Holm.';
const document = boats.join(' ');
const question = 'Who painted the lighthouse?';
const tokenizer = mockTokenizer();

/** The prompt that the model reads. */
async function kept(rate: Rate, { keep = 420, form = 'after' as Form, seed = 0 } = {}) {
  const decoder = mockDecoder();
  const stack = pipeline(decoder, { tokenizer }).use(
    keepBestParts({ keep, document, question, rate }),
  );
  const messages = askIn(form, document, question);
  await stack.generate({ messages }, { maxNewTokens: 1, seed });
  const ids = decoder.calls.filter(({ sequence }) => sequence === 0).flatMap(({ ids }) => ids);
  return { tokens: ids.length, text: tokenizer.decode(ids) };
}

it.each(formNames)(
  'keeps the question, the best sentences whole, and no more than asked (%s)',
  async (form) => {
    const { tokens, text } = await kept(byWords, { form });
    expect(tokens).toBeLessThanOrEqual(420);
    expect(text).toContain(question);
    expect(text).toContain(boats[12]);
    expect(text).toContain('in a few words.');
  },
);

it('leaves a prompt alone that fits', async () => {
  expect((await kept(byWords, { keep: 5000 })).text).toContain(document);
});

it('keeps both ends', async () => {
  const { text } = await kept(byEnds);
  expect(text).toContain(boats[0]);
  expect(text).toContain(boats[19]);
  expect(text).not.toContain(boats[10]);
});

it('draws by the seed', async () => {
  const [one, again, other] = [1, 1, 2].map((seed) => kept(byChance, { seed }));
  expect(await one).toEqual(await again);
  expect(await one).not.toEqual(await other);
});

it('reads a document once for each question, and once for none', async () => {
  const model = mockDecoder({ seed: 3 });
  const read = rememberingReader(model);
  const calls = async (rate: Rate) => {
    const before = model.calls.length;
    await kept(rate);
    return model.calls.length - before;
  };
  const once = await calls(bySurprisal(read));
  expect(once).toBeGreaterThan(1);
  expect(await calls(bySurprisal(read))).toBe(0);
  // A part that stands alone is known.
  const after = await calls(byContrast(read));
  expect(after).toBeGreaterThan(1);
  expect(await calls(byContrast(read))).toBe(0);
});

it('rates by the mean over the tokens of a part, the most surprising first', async () => {
  const values = Float64Array.from({ length: 10 }, (_, i) => i);
  const parts = [
    { from: 4, to: 8, text: '' },
    { from: 8, to: 10, text: '' },
  ];
  const asked = { from: 5, ids: new Int32Array(10), question: 'x', run: undefined as never };
  // The first part begins before the document: its tokens 0, 1, 2; the second's are 3 and 4.
  expect((await bySurprisal(async () => values)(asked))(parts)).toEqual([1, 3.5]);
  const read = async (_: unknown, question: string) =>
    question ? values.map((value) => value / 2) : values;
  expect((await byContrast(read)(asked))(parts)).toEqual([0.5, 1.75]);
});
