import { pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { z as z3 } from 'zod/v3';
import { constrain } from '../constrain.js';
import { accepts } from '../contract/accepts.js';
import { allOf } from './all-of.js';
import { jsonSchema } from './json-schema.js';
import { predicate } from './predicate.js';

const tokenizer = mockTokenizer();
const prompt = { text: 'Say ' };
const options = { temperature: 1, maxNewTokens: 60 };
/** Answers after whatever waits. */
const later = <T>(value: T) => new Promise<T>((resolve) => setTimeout(resolve, 0, value));
const compact = { whitespace: 'none', spelling: 'canonical' } as const;
const letters = z
  .string()
  .min(1)
  .max(3)
  .regex(/^[a-c]+$/);

describe('refinements and transforms that answer later', () => {
  it.each([
    ['zod 4', z.object({ a: z.string().refine((s) => later(s === 'x')) })],
    ['zod 3', z3.object({ a: z3.string().refine((s) => later(s === 'x')) })],
    ['a transform', z.object({ a: z.string().transform(later) }).refine(({ a }) => a === 'x')],
  ])('are waited for once the value is whole: %s', async (_, schema) => {
    const constraint = jsonSchema(schema);
    for (let round = 0; round < 2; round++) {
      expect(await accepts(constraint, '{"a":"x"}')).toBe(true);
      expect(constraint.value!('{"a":"x"}')).toEqual({ a: 'x' });
      expect(await accepts(constraint, '{"a":"y"}')).toBe(false);
      expect(constraint.value!('{"a":"y"}')).toBeUndefined();
      expect(await accepts(constraint, '{"a":"x"} ')).toBe(false);
    }
  });

  it('end a generation only where they agree, with what they make of it', async () => {
    const asked: string[] = [];
    const schema = letters
      .refine((s) => {
        asked.push(s);
        return later(s.length > 1);
      })
      .transform((s) => later(s.toUpperCase()));
    const stack = pipeline(mockDecoder({ seed: 3 }), { tokenizer }).use(
      constrain(jsonSchema(schema, compact)),
    );
    for (let seed = 1; seed <= 8; seed++) {
      const { text, value, finishReason } = await stack.generate(prompt, { ...options, seed });
      expectTypeOf(value).toEqualTypeOf<string | undefined>();
      expect(finishReason).toBe('stop');
      expect(text).toMatch(/^"[a-c]{2,3}"$/);
      expect(value).toBe(JSON.parse(text).toUpperCase());
    }
    expect(asked.some((s) => s.length === 1)).toBe(true);
  });

  it('give the text that the same refinement gives at once', async () => {
    const decoder = () => mockDecoder({ seed: 5 });
    const [now, then] = [(s: string) => s > 'b', (s: string) => later(s > 'b')].map((check) =>
      pipeline(decoder(), { tokenizer }).use(
        constrain(jsonSchema(letters.refine(check), compact), { maskAfter: Infinity }),
      ),
    );
    for (let seed = 1; seed <= 4; seed++) {
      const expected = await now.generate(prompt, { ...options, seed });
      const result = await then.generate(prompt, { ...options, seed });
      expect([result.text, result.logWeight]).toEqual([expected.text, expected.logWeight]);
    }
  });

  it('need no mask, and have none where one is asked for', async () => {
    const schema = jsonSchema(
      z.literal('aa').refine(() => later(true)),
      compact,
    );
    const stack = pipeline(mockDecoder(), { tokenizer });
    const joined = allOf([schema, predicate((text) => text.length < 9)]);
    for (const used of [stack.use(constrain(schema)), stack.use(constrain(joined))])
      expect((await used.generate(prompt, options)).text).toBe('"aa"');
    const other = jsonSchema(
      z.literal('b').refine(() => later(true)),
      compact,
    );
    const masked = stack.use(constrain(other, { sampler: 'mask' }));
    await expect(masked.generate(prompt, options)).rejects.toThrow('answers with a promise');
  });

  it('surface what they throw, and ask again after it', async () => {
    let isDown = true;
    const schema = z.literal('a').refine(async () => {
      await later(0);
      if (isDown) throw new Error('no service today');
      return true;
    });
    const constraint = jsonSchema(schema, compact);
    const stack = pipeline(mockDecoder(), { tokenizer }).use(constrain(constraint));
    await expect(stack.generate(prompt, options)).rejects.toThrow('no service today');
    isDown = false;
    expect((await stack.generate(prompt, options)).value).toBe('a');
  });
});
