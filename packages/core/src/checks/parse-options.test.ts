import { expect, test } from 'vitest';
import { z } from 'zod/v4';
import { InvalidArgumentError, InvalidOptionsError } from '../contract/errors.js';
import { mockDecoder } from '../testing/mock/mock-decoder.js';
import { decoderSchema, functionSchema, pathSchema, tokenizerSchema } from './argument-schemas.js';
import { parseArguments, parseOptions } from './parse-options.js';

const anything = z.strictObject({
  decoder: decoderSchema.optional(),
  tokenizer: tokenizerSchema.optional(),
  call: functionSchema('must be a function').optional(),
  path: pathSchema.optional(),
});

/** The message for one wrong argument. */
function refusalOf(name: string, value: unknown): string {
  try {
    parseArguments('f', anything, { [name]: value } as never);
  } catch (error) {
    if (InvalidArgumentError.isInstance(error)) return error.message;
    throw error;
  }
  return 'accepted';
}

test('a wrong argument is named, with what it should be and what it is', () => {
  expect(refusalOf('decoder', mockDecoder())).toBe('accepted');
  expect(refusalOf('decoder', 5)).toMatch(/^f: argument 'decoder': must be a decoder.*, not 5$/);
  expect(refusalOf('tokenizer', Promise.resolve({}))).toMatch(/'tokenizer': is a promise; await/);
  expect(refusalOf('call', /a/)).toBe("f: argument 'call': must be a function, not /a/");
  expect(refusalOf('path', 'a\0b')).toMatch(/zero byte/);
});

test.each([
  ['a symbol', Symbol('s')],
  ['a bigint', 1n],
  ['an object without a prototype', Object.create(null)],
  [
    'a getter that throws',
    Object.defineProperty({}, 'open', {
      get() {
        throw new TypeError('boom');
      },
    }),
  ],
  ['a deep object', { a: { b: { c: { d: 'x'.repeat(10_000) } } } }],
  ['a long list', Array(100_000).fill('a')],
])('%s does not break the message', (_, value) => {
  for (const name of ['decoder', 'tokenizer', 'call', 'path'])
    expect(refusalOf(name, value).length).toBeLessThan(400);
});

test('options are told as options', () => {
  const schema = z.strictObject({ size: z.int() });
  expect(() => parseOptions('f', schema, { size: 0.5 })).toThrow(InvalidOptionsError);
  expect(() => parseOptions('f', schema, { size: 0.5 })).toThrow(/option 'size'/);
});

test('options that there are not are told which there are', () => {
  const schema = z.strictObject({ size: z.int().optional(), shape: z.strictObject({}).optional() });
  for (const options of [{ sizes: 5 }, undefined, 'size'])
    expect(() => parseOptions('f', schema, options)).toThrow(/; the options are size, shape$/);
  expect(() => parseOptions('f', schema, { shape: 5 })).not.toThrow(/the options are/);
  expect(() => parseOptions('f', schema, { shape: 5 })).toThrow(/option 'shape'/);
});
