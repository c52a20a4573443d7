import { encodePrompt } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { droppedCharacters } from '../report/dropped.js';
import { documents } from '../testing/documents.test.support.js';
import { byteTokenizer } from '../testing/other-tokenizers.test.support.js';
import { type PlanOptions, planSelection } from './plan-selection.js';

const options: PlanOptions = {
  keep: 1,
  window: 8,
  unit: 'token',
  reduction: 'max',
  weightedQuery: true,
  lookahead: 1,
  question: 'detect',
  keepTemplate: true,
  keepQuestion: false,
  keepFences: false,
  perMessage: false,
  needsText: true,
  keepSomeOfEach: false,
};
const question = 'Which one was it?';

const cases = fc.record({
  document: documents,
  tokenizer: fc.constantFrom(mockTokenizer(), byteTokenizer()),
  isCrlf: fc.boolean(),
  ratio: fc.constantFrom(0.3, 0.45, 0.6, 0.75),
  scores: fc.infiniteStream(fc.integer({ min: 0, max: 99 })),
});

interface Selected {
  readonly content: string;
  readonly isDropped: Uint8Array;
  readonly left: string;
  readonly tokensKept: number;
  readonly keep: number;
  readonly warnings: readonly string[];
}

function select(
  text: string,
  { tokenizer, ratio, scores }: typeof cases extends fc.Arbitrary<infer T> ? T : never,
  given: Partial<PlanOptions>,
): Selected {
  const content = `${text}\n\n${question}`;
  const prompt = encodePrompt({ messages: [{ role: 'user', content }] }, tokenizer);
  const plan = planSelection('test', prompt, tokenizer, { ...options, keep: { ratio }, ...given });
  const score = Float64Array.from(prompt.ids, () => scores.next().value ?? 0);
  const { kept, warnings } = plan.choose(score);
  const offset = prompt.text.indexOf(content);
  const isDropped = new Uint8Array(content.length);
  for (const { from, to } of droppedCharacters(plan.characters, kept))
    isDropped.fill(1, Math.max(0, from - offset), Math.max(0, to - offset));
  const left = content
    .split('')
    .filter((_, at) => !isDropped[at])
    .join('');
  // The text is that of the tokens kept.
  const bytes = Buffer.concat(Array.from(kept, (token) => tokenizer.bytes(prompt.ids[token])));
  expect(bytes.toString()).toContain(left);
  return {
    content,
    isDropped,
    left,
    tokensKept: kept.length,
    keep: plan.keep,
    warnings: [...plan.warnings, ...warnings].map(({ feature }) => feature),
  };
}

/** Whether a part of the text, its blanks aside, is left in some of its characters only. */
function isTorn({ content, isDropped }: Selected, part: string): boolean {
  const at = content.indexOf(part);
  expect(at).toBeGreaterThanOrEqual(0);
  const fates = new Set<number>();
  for (let i = at; i < at + part.length; i++)
    if (!/[\s>]/.test(content[i])) fates.add(isDropped[i]);
  return fates.size > 1;
}

describe('what is left of documents of every kind', () => {
  it('is whole sentences and lines, unless a warning says so', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const crlf = (text: string) => (one.isCrlf ? text.replaceAll('\n', '\r\n') : text);
        const selected = select(crlf(one.document.text), one, { unit: 'sentence' });
        const { tokensKept, keep, warnings } = selected;
        expect(tokensKept).toBeLessThanOrEqual(keep);
        if (!warnings.includes('keep')) expect(tokensKept).toBeGreaterThanOrEqual(0.8 * keep);
        if (warnings.includes('unit')) return;
        const torn = one.document.units.filter((unit) => isTorn(selected, crlf(unit)));
        expect({ kind: one.document.kind, torn }).toEqual({ kind: one.document.kind, torn: [] });
      }),
      { numRuns: 80, seed: 6 },
    );
  });

  it('is whole words, numbers and characters, and no new ones', () => {
    const wordsOf = (text: string): string[] =>
      text.match(/(?:(?![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}])[\p{L}\p{M}\p{N}])+/gu) ?? [];
    const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
    const charactersOf = (text: string) =>
      Array.from(graphemes.segment(text), ({ segment }) => segment);
    fc.assert(
      fc.property(cases, (one) => {
        const { content, left, tokensKept, keep, warnings } = select(one.document.text, one, {
          kernel: 3,
        });
        expect(tokensKept).toBeLessThanOrEqual(keep);
        if (!warnings.includes('keep')) expect(tokensKept).toBeGreaterThanOrEqual(0.8 * keep);
        const words = new Set(wordsOf(content));
        expect(wordsOf(left).filter((word) => !words.has(word))).toEqual([]);
        const characters = new Set(charactersOf(content));
        expect(charactersOf(left).filter((character) => !characters.has(character))).toEqual([]);
        const rest = left.replace(/1,284\.50|2023-10-07|18:45:09|3\.11\.4|\+47-555-0182/g, '');
        expect(rest).not.toMatch(/(?<![\d,])284|2023|10-07|45:09|0182/);
      }),
      { numRuns: 80, seed: 7 },
    );
  });
});
