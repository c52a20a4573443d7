import {
  type EncodedPrompt,
  InvalidOptionsError,
  type Middleware,
  parseOptions,
} from '@pliant/core';
import { z } from 'zod';

const schema = z.strictObject({
  keep: z.int().min(1),
  window: z.int().min(0).default(64),
  kind: z.enum(['ends', 'last', 'random']),
});

export interface TruncateOptions {
  /** Tokens kept, the window counted. */
  readonly keep: number;
  /** Last tokens, always kept; default 64, as in prompt compression. */
  readonly window?: number;
  /**
   * The other tokens kept: the first and last tokens in equal parts, the last ones alone, or tokens
   * drawn at random.
   */
  readonly kind: 'ends' | 'last' | 'random';
}

/** The control for prompt compression: as many tokens kept, chosen without looking at them. */
export function truncatePrompt(options: TruncateOptions): Middleware<'truncate-prompt'> {
  const { keep, window, kind } = parseOptions('truncate-prompt', schema, options);
  if (keep < window)
    throw new InvalidOptionsError('truncate-prompt', [
      { path: 'keep', message: `is ${keep}, below the window of ${window}` },
    ]);
  return {
    specificationVersion: 'v1',
    name: 'truncate-prompt',
    requires: [],
    create: ({ random, emit }) => ({
      async prompt(prompt, next) {
        const length = prompt.ids.length;
        emit('tokensKept', Math.min(keep, length));
        if (length <= keep) return next(prompt);
        const kept = {
          ends: () => ends(length, keep),
          last: () => drawn(length, keep, keep, random),
          random: () => drawn(length, keep, window, random),
        }[kind]();
        return next(only(prompt, kept));
      },
    }),
  };
}

/** The first and last tokens; of an odd number, one more at the end. */
export function ends(length: number, keep: number): Int32Array {
  const first = Math.floor(keep / 2);
  return Int32Array.from({ length: keep }, (_, i) => (i < first ? i : length - keep + i));
}

/** The last `window` tokens and others, each as likely as any other (Knuth's algorithm S). */
export function drawn(
  length: number,
  keep: number,
  window: number,
  random: () => number,
): Int32Array {
  const kept: number[] = [];
  const before = length - window;
  for (let i = 0; i < before; i++)
    if (random() * (before - i) < keep - window - kept.length) kept.push(i);
  for (let i = before; i < length; i++) kept.push(i);
  return Int32Array.from(kept);
}

/** A prompt that is one text: its span becomes as long as what is kept. */
function only(prompt: EncodedPrompt, kept: Int32Array): EncodedPrompt {
  const pick = (values: Int32Array) => kept.map((index) => values[index]);
  return {
    ...prompt,
    ids: pick(prompt.ids),
    byteStart: pick(prompt.byteStart),
    byteEnd: pick(prompt.byteEnd),
    spans: [],
  };
}
