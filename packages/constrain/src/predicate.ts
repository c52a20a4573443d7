import { parseOptions } from '@pliant/core';
import { z } from 'zod';
import type { Constraint } from './constraint.js';

/**
 * Judges a text.
 * @param text so far; bytes that are no UTF-8 show as U+FFFD, a character is shown once it is whole
 * @param question `complete: true` asks whether the text may end here, `false` whether some continuation can be right
 */
export type TextPredicate = (text: string, question: { readonly complete: boolean }) => boolean;

export interface PredicateOptions {
  /** Answers `complete: false` in place of the predicate, which is then only asked whether a text may end. */
  readonly prefix?: (text: string) => boolean;
}

export interface PredicateState {
  readonly text: string;
  /** The beginning of a character. */
  readonly pending: Uint8Array;
}

const optionsSchema = z.tuple([
  z.custom<TextPredicate>((value) => typeof value === 'function', 'is a function'),
  z.strictObject({
    prefix: z
      .custom<(text: string) => boolean>((value) => typeof value === 'function', 'is a function')
      .optional(),
  }),
]);

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const nothing = new Uint8Array(0);

/**
 * Text that a function allows. It is asked once for each token that is tried, about three times a token where most are allowed:
 * make it fast. It must be a pure function of the text. A function with one parameter is asked the same of unfinished and finished texts:
 * right for rules that hold from the first character on ("no digits"), wrong for rules about the end ("ends with a period"), which want
 * `complete` or `prefix`. A prefix that is called possible and is not costs a `'dead-end'`, never a wrong text.
 *
 * ```ts
 * predicate((text, { complete }) => !/\d/.test(text) && (!complete || text.endsWith('.')));
 * predicate((text) => text.endsWith('.'), { prefix: (text) => !/\d/.test(text) });
 * ```
 * What it throws ends the generation as a `MiddlewareError`; so does an answer that is no boolean.
 * @throws InvalidOptionsError
 */
export function predicate(
  allows: TextPredicate,
  options: PredicateOptions = {},
): Constraint<PredicateState> {
  const [check, { prefix }] = parseOptions('predicate', optionsSchema, [allows, options]);
  const isPossible = prefix ?? ((text) => check(text, { complete: false }));
  return {
    name: `predicate ${allows.name || 'without a name'}`,
    start: () => ({ text: '', pending: nothing }),
    advance(state, added) {
      const bytes = new Uint8Array(state.pending.length + added.length);
      bytes.set(state.pending);
      bytes.set(added, state.pending.length);
      const whole = wholeLength(bytes);
      const pending = bytes.subarray(whole);
      if (whole === 0) return { text: state.text, pending };
      const text = state.text + utf8.decode(bytes.subarray(0, whole));
      return boolean(isPossible(text)) ? { text, pending } : undefined;
    },
    canEnd: ({ text, pending }) => boolean(check(text + utf8.decode(pending), { complete: true })),
  };
}

/** A promise is truthy: taken for an answer it would allow everything. */
function boolean(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  const shown = answer instanceof Promise ? 'a promise; it must be synchronous' : String(answer);
  throw new TypeError(`the predicate must return true or false and returned ${shown}`);
}

/** Bytes before a character that the end cuts off. */
function wholeLength(bytes: Uint8Array): number {
  for (let length = 1; length <= 3 && length <= bytes.length; length++) {
    const byte = bytes[bytes.length - length];
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > length ? bytes.length - length : bytes.length;
    }
    if (byte < 0x80) break;
  }
  return bytes.length;
}
