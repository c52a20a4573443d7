import { encodePrompt } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import { expect, it } from 'vitest';
import { z } from 'zod/v4';
import { keepTokens, planSelection, selectionShape, type TokenRange } from './selection.js';

const tokenizer = mockTokenizer();
const sentences = Array.from({ length: 8 }, (_, i) => `Boat ${i} came in. `);
const prompt = encodePrompt({ text: `${sentences.join('')}What came in first of all?` }, tokenizer);
const options = {
  ...z.strictObject(selectionShape).parse({ keep: 80, window: 30, unit: 'sentence' }),
  keepTemplate: true,
  needsText: false,
  keepSomeOfEach: false,
};
const plan = planSelection('test', prompt, tokenizer, options);

it('keeps what a ranking puts first', () => {
  const last = (ranges: readonly TokenRange[]) => ranges.toReversed();
  const { ids } = keepTokens(prompt, plan.chooseBy(last).kept);
  expect(ids.length).toBeLessThanOrEqual(80);
  const text = tokenizer.decode([...ids]);
  expect(text).toContain('Boat 7 came in.');
  expect(text).not.toContain('Boat 0');
});

it('chooses as scores do where it ranks as they do', () => {
  const score = Float64Array.from(prompt.ids, (id, token) => (id * 7919 + token * 31) % 101);
  const worth = ({ from, to }: TokenRange) => Math.max(...score.subarray(from, to));
  const byWorth = (ranges: readonly TokenRange[]) =>
    ranges.toSorted((a, b) => worth(b) - worth(a) || a.from - b.from);
  expect(plan.chooseBy(byWorth)).toEqual(plan.choose(score));
});
