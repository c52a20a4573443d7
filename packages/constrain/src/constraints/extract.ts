import { parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Constraint } from '../contract/constraint.js';
import { narrow, type SortedTexts, type TextRange, walkTexts } from '../text/sorted-texts.js';
import { suffixArray } from '../text/suffix-array.js';

/** Bytes of the longest text: its index takes 12 bytes for each while it is made. */
const maxBytes = 10_000_000;

export interface ExtractOptions {
  /** Characters (code points) of the span at least: 0 or more. Default 1. */
  readonly minLength?: number;
  /** Characters of the span at most: `minLength` or more. Default: no limit. */
  readonly maxLength?: number;
}

/** The places of the text that the span so far can stand at. */
interface ExtractState extends TextRange {
  /** Code points so far, one that has begun included. */
  readonly characters: number;
}

const textSchema = z
  .string()
  .refine((text) => !/\p{Surrogate}/u.test(text), 'holds half a surrogate pair')
  .refine(
    (text) => Buffer.byteLength(text) <= maxBytes,
    `is longer than ${maxBytes} bytes. Extract from a part of it`,
  );
const optionsSchema = z
  .strictObject({
    minLength: z.int().min(0).default(1),
    maxLength: z.int().min(0).optional(),
  })
  .refine(({ minLength, maxLength }) => maxLength === undefined || maxLength >= minLength, {
    path: ['maxLength'],
    error: 'must not be below minLength',
  });

/**
 * A span of the given text, word for word: a quotation, a pointer into the text (as in pointer
 * networks, Vinyals et al. 2015). It begins and ends between characters; `result.value` is the
 * span. A byte costs a binary search in the text's suffixes; memory is linear in the text, which
 * has at most 10 MB.
 *
 * ```ts
 * constrain(extract(article, { minLength: 20, maxLength: 200 }));
 * ```
 * @throws InvalidOptionsError
 */
export function extract(text: string, options: ExtractOptions = {}): Constraint<unknown, string> {
  parseOptions('extract', textSchema, text);
  const { minLength, maxLength = Number.POSITIVE_INFINITY } = parseOptions(
    'extract',
    optionsSchema,
    options,
  );
  const bytes = Buffer.from(text);
  const begins = (at: number) => at === bytes.length || (bytes[at] & 0xc0) !== 0x80;
  // A span of `minLength` cannot begin in the last characters.
  let lastStart = bytes.length - 1;
  for (let left = minLength; lastStart >= 0; lastStart--)
    if (begins(lastStart) && --left <= 0) break;
  const order = suffixArray(bytes).filter((at) => at <= lastStart && begins(at));
  const list: SortedTexts = {
    count: order.length,
    byteAt: (index, depth) => bytes[order[index] + depth] ?? -1,
  };
  const isBetween = ({ from, depth }: ExtractState) => begins(order[from] + depth);
  const canEnd = (state: ExtractState) =>
    state.characters >= minLength && (state.depth === 0 || isBetween(state));
  const constraint: Constraint<ExtractState, string> = {
    name: 'extract',
    start: () =>
      order.length === 0 && minLength > 0
        ? undefined
        : { from: 0, to: order.length, depth: 0, characters: 0 },
    ...walkTexts<ExtractState>(
      list,
      (state, byte) => {
        const characters = state.characters + ((byte & 0xc0) === 0x80 ? 0 : 1);
        if (characters > maxLength) return undefined;
        const range = narrow(list, state, byte);
        return range && { ...range, characters };
      },
      canEnd,
    ),
    canEnd,
    mustEnd: (state) =>
      canEnd(state) &&
      (state.characters === maxLength ||
        state.from === state.to ||
        (state.to === state.from + 1 && list.byteAt(state.from, state.depth) < 0)),
    value: (span) => span,
  };
  return constraint;
}
