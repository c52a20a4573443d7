import { pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { constrain } from '../constrain.js';
import { predicate } from '../constraints/predicate.js';
import { regex } from '../constraints/regex.js';
import { tokenTrie } from '../contract/token-trie.js';
import { longestMatches } from './closing.js';

const tokenizer = mockTokenizer();
const prompt = { text: 'A list: ' };
const list = /\[(?:"[a-z]{3,9}", )*"the end"\]/;
const whole = new RegExp(`^${list.source}$`);
const closed = constrain(
  { ...regex(list), value: (text: string): unknown => JSON.parse(text) },
  { onLength: 'complete' },
);

describe("onLength: 'complete'", () => {
  it('ends every text within the limit, as valid', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(closed);
    let completed = 0;
    for (const maxNewTokens of [9, 16, 25, 60])
      for (let seed = 0; seed < 6; seed++) {
        const result = await stack.generate(prompt, { temperature: 1.5, seed, maxNewTokens });
        expect(result.text).toMatch(whole);
        expect(result.finishReason).toBe('stop');
        expect(result.tokens.length).toBeLessThanOrEqual(maxNewTokens);
        expect(result.value).toEqual(JSON.parse(result.text));
        if (result.stopReason !== 'length') {
          expect(result.warnings).toEqual([]);
          expect(result.logWeight).toBeGreaterThan(Number.NEGATIVE_INFINITY);
          continue;
        }
        completed++;
        expect(result.logWeight).toBe(Number.NEGATIVE_INFINITY);
        expect(result.warnings).toEqual([
          expect.objectContaining({ details: expect.stringContaining('was completed') }),
        ]);
      }
    expect(completed).toBeGreaterThan(3);
  });

  it('leaves a text that ends by itself as it is', async () => {
    const plain = pipeline(mockDecoder(), { tokenizer });
    for (let seed = 0; seed < 4; seed++) {
      const options = { temperature: 1, seed, maxNewTokens: 80 };
      const { tokens, stopReason } = await plain.use(closed).generate(prompt, options);
      if (stopReason === 'length') continue;
      expect(tokens).toEqual(
        (await plain.use(constrain(regex(list))).generate(prompt, options)).tokens,
      );
    }
  });

  it('cuts with a warning where no ending is in reach', async () => {
    const stack = (constraint: Parameters<typeof constrain>[0]) =>
      pipeline(mockDecoder(), { tokenizer }).use(constrain(constraint, { onLength: 'complete' }));
    for (const constraint of [regex(/[ab]{40}/), predicate(async (text) => text.length > 99)]) {
      const rule = { ...constraint, advance: constraint.advance };
      const { finishReason, warnings } = await stack(rule as never).generate(prompt, {
        maxNewTokens: 8,
      });
      if (finishReason === 'dead-end') continue;
      expect(finishReason).toBe('length');
      expect(warnings).toEqual([expect.objectContaining({ feature: 'constraint' })]);
    }
  });

  it('survives forks and tokens taken back', async () => {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(closed);
    const generation = await stack.start(prompt, { temperature: 1.5, seed: 1, maxNewTokens: 20 });
    while (!generation.done) await generation.step();
    generation.rollback(3);
    const copy = await generation.fork({ seed: 5 });
    for (const one of [generation, copy]) {
      while (!one.done) await one.step();
      expect(one.text).toMatch(whole);
      await one.close();
    }
  });
});

describe('longestMatches', () => {
  const trie = tokenTrie(tokenizer);

  it('spells any bytes', () => {
    for (const text of ['the thing', '{"a": "é😀’s"}', 'x'.repeat(99)]) {
      const tokens = longestMatches(Buffer.from(text), trie)!;
      expect(Buffer.concat(tokens.map((id) => tokenizer.bytes(id))).toString()).toBe(text);
      expect(tokens.length).toBeLessThanOrEqual(Buffer.from(text).length);
    }
  });

  it('is none where the vocabulary lacks a byte', () => {
    const poor = { ...tokenizer, special: new Set([0x61]) };
    expect(longestMatches(Buffer.from('ab'), tokenTrie(poor))).toBeUndefined();
  });
});
