import { z } from 'zod/v4';
import type { Decoder } from '../contract/decoder.js';
import type { Tokenizer } from '../contract/tokenizer.js';
import { show } from './show.js';

/**
 * An object with these methods. A promise of one is told to be awaited: the commonest mistake.
 * @param what ends the message: what it must be
 * @param isWhole what else it must have
 */
export function objectWith<T extends object>(
  methods: readonly (keyof T & string)[],
  what: string,
  isWhole: (value: Partial<T>) => boolean = () => true,
): z.ZodType<T, unknown> {
  return z.custom<T>(
    (value) =>
      value !== null &&
      (typeof value === 'object' || typeof value === 'function') &&
      methods.every((name) => typeof (value as T)[name] === 'function') &&
      isWhole(value),
    {
      error: ({ input }) =>
        input instanceof Promise
          ? `is a promise; await it: ${what}`
          : `${what}, not ${show(input)}`,
    },
  );
}

/**
 * Checks an object by a schema and hands it on as it is, with its prototype.
 * @param closer the schema for what passed the first
 */
export function asGiven<T>(
  schema: z.ZodType,
  closer?: (value: unknown) => z.ZodType,
): z.ZodType<T, unknown> {
  const checked = z.unknown().superRefine((value, context) => {
    let { error } = schema.safeParse(value);
    if (!error && closer) error = closer(value).safeParse(value).error;
    for (const { path, message } of error?.issues ?? [])
      context.addIssue({ code: 'custom', path: [...path], message, continue: false });
  });
  return checked as z.ZodType as z.ZodType<T, unknown>;
}

/** A function, of which only that can be checked. */
export function functionSchema<T extends (...given: never[]) => unknown>(
  what: string,
): z.ZodType<T, unknown> {
  return z.custom<T>((value) => typeof value === 'function', {
    error: ({ input }) => `${what}, not ${show(input)}`,
  });
}

export const decoderSchema = objectWith<Decoder>(
  ['open', 'close'],
  'must be a decoder, for example from openDecoder of @pliant/engine-ort',
  ({ capabilities, shape }) =>
    typeof capabilities?.has === 'function' && typeof shape?.vocabulary === 'number',
);

export const tokenizerSchema = objectWith<Tokenizer>(
  ['encode', 'decode', 'bytes', 'renderChat'],
  'must be a tokenizer, for example from openTokenizer of @pliant/transformers',
);

export const signalSchema = z.instanceof(AbortSignal, { error: 'must be an AbortSignal' });

/** The path of a file or folder. */
export const pathSchema = z
  .string('must be the path of a file or folder, a string')
  .min(1, 'is an empty path')
  .refine((path) => !path.includes('\0'), 'is a path with a zero byte');
