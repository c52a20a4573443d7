import { encodePrompt } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteTokenizer } from '../testing/other-tokenizers.test.support.js';
import { jsonTexts } from '../text/json-texts.js';
import { tokenCharacters } from './characters.js';
import { jsonUnits } from './json-units.js';

const tokenizers = [mockTokenizer(), byteTokenizer()] as const;

function unitsOf(json: string, tokenizer: (typeof tokenizers)[number], longest: number) {
  const prompt = encodePrompt({ text: json }, tokenizer);
  const characters = tokenCharacters(prompt);
  const [root] = jsonTexts(json);
  const whole = { from: 0, to: prompt.ids.length };
  const units = jsonUnits(whole, root, json, characters, longest);
  const textOf = ({ from, to }: { from: number; to: number }) =>
    json.slice(characters.start[from], characters.end[to - 1]);
  return { units, textOf, length: prompt.ids.length, characters };
}

describe('jsonUnits', () => {
  it('are the items that may go, with what they need around them', () => {
    const boats = [1, 2, 3].map((id) => ({ id, name: `boat ${id}`, berth: `${id * 7}` }));
    const { units, textOf } = unitsOf(JSON.stringify({ boats, ok: true }), tokenizers[1], 50);
    expect(units.map(textOf)).toEqual([
      '{"boats":[{"id":1,"name":"boat 1","berth":"7"}',
      ']',
      '}',
      ',{"id":2,"name":"boat 2","berth":"14"}',
      ',{"id":3,"name":"boat 3","berth":"21"}',
      ',"ok":true',
    ]);
    expect(units[3].needs?.map(textOf)).toEqual([
      '{"boats":[{"id":1,"name":"boat 1","berth":"7"}',
      ']',
      '}',
    ]);
  });

  it('leave JSON, whichever of them are left with what they need', () => {
    const values = fc.array(fc.jsonValue({ maxDepth: 4 }), { minLength: 12, maxLength: 30 });
    fc.assert(
      fc.property(
        values,
        fc.constantFrom(...tokenizers),
        fc.constantFrom(undefined, 2, '\t'),
        fc.integer({ min: 1, max: 60 }),
        fc.infiniteStream(fc.boolean()),
        (value, tokenizer, indent, longest, chosen) => {
          const json = JSON.stringify(
            { first: 'as long as it has to be to count as a text', value },
            null,
            indent,
          );
          const { units, characters, length } = unitsOf(json.padEnd(81), tokenizer, longest);
          const kept = new Uint8Array(length);
          for (const unit of units) {
            if (!chosen.next().value) continue;
            for (const { from, to } of [unit, ...(unit.needs ?? [])]) kept.fill(1, from, to);
          }
          fc.pre(kept.includes(1));
          let left = '';
          kept.forEach((mark, token) => {
            if (mark) left += json.slice(characters.start[token], characters.end[token]);
          });
          expect(() => JSON.parse(left)).not.toThrow();
          // Every token in one unit.
          const count = new Uint8Array(length);
          for (const { from, to } of units)
            for (let token = from; token < to; token++) count[token]++;
          expect(count.every((times) => times === 1)).toBe(true);
        },
      ),
      { numRuns: 100, seed: 8 },
    );
  });
});
