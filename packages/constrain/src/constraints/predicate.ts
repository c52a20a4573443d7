import { InvalidOptionsError, parseOptions, show } from '@pliant/core';
import { z } from 'zod/v4';
import type { AsyncConstraint, Constraint } from '../contract/constraint.js';
import { andThen, type MaybePromise } from '../contract/maybe-promise.js';
import { wholeLength } from '../text/whole-length.js';

/** The question about a text. */
export interface PredicateQuestion {
  /** `true` asks whether the text may end here, `false` whether some continuation can be right. */
  readonly complete: boolean;
  /**
   * The token at hand ends inside a character that `text` does not show yet. A text never ends so.
   */
  readonly halfCharacter: boolean;
}

/**
 * Judges a text.
 * @param text so far, whole characters; bytes that are not UTF-8 show as U+FFFD
 */
export type TextPredicate = (text: string, question: PredicateQuestion) => boolean;

/** A `TextPredicate` that may answer later: a type checker, a database. */
export type AsyncTextPredicate = (
  text: string,
  question: PredicateQuestion,
) => MaybePromise<boolean>;

export interface PredicateOptions<Predicate = TextPredicate> {
  /**
   * Answers `complete: false` in place of the predicate, which is then only asked whether a text
   * may end.
   */
  readonly prefix?: Predicate;
}

interface PredicateState {
  readonly text: string;
  /** The beginning of a character. */
  readonly pending: Uint8Array;
}

const functionSchema = z.custom<AsyncTextPredicate>(
  (value) => typeof value === 'function',
  'must be a function from a text to true or false',
);
const optionsSchema = z.strictObject({ prefix: functionSchema.optional() });

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const nothing = new Uint8Array(0);

/**
 * Text that a function allows. It is asked once for each token that is tried, two or three times a
 * token where most are allowed, so make it fast; it must be a pure function of what it is given. A
 * function of the text alone is asked the same of unfinished and finished texts: right for rules
 * that hold from the first character on ("no digits"), wrong for rules about the end ("ends with a
 * period"), which want `complete` or `prefix`. Calling a prefix possible that is not costs a
 * `'dead-end'`, never a wrong text. Rules that leave no room for characters of several tokens
 * (emoji, for one) should answer `false` to `halfCharacter`.
 *
 * ```ts
 * predicate((text, { complete }) => !/\d/.test(text) && (!complete || text.endsWith('.')));
 * predicate((text) => text.endsWith('.'), { prefix: (text) => !/\d/.test(text) });
 * ```
 * It may be asynchronous: the generation then waits for each answer. What it throws ends the
 * generation as a `MiddlewareError`; so does an answer that is not a boolean.
 * @throws InvalidOptionsError
 */
export function predicate(allows: TextPredicate, options?: PredicateOptions): Constraint;
export function predicate(
  allows: AsyncTextPredicate,
  options?: PredicateOptions<AsyncTextPredicate>,
): AsyncConstraint;
export function predicate(
  allows: AsyncTextPredicate,
  options: PredicateOptions<AsyncTextPredicate> = {},
): AsyncConstraint {
  const check = parseOptions('predicate', functionSchema, allows);
  const { prefix = check } = parseOptions('predicate', optionsSchema, options);
  const constraint: AsyncConstraint<PredicateState> = {
    name: `predicate ${allows.name || 'without a name'}`,
    wholeTokens: true,
    start: () => ({ text: '', pending: nothing }),
    advance(state, added) {
      const bytes = new Uint8Array(state.pending.length + added.length);
      bytes.set(state.pending);
      bytes.set(added, state.pending.length);
      const whole = wholeLength(bytes);
      const pending = bytes.subarray(whole);
      const text = state.text + utf8.decode(bytes.subarray(0, whole));
      const question = { complete: false, halfCharacter: pending.length > 0 };
      return andThen(prefix(text, question), (answer) =>
        requireBoolean(answer) ? { text, pending } : undefined,
      );
    },
    canEnd: ({ text, pending }) =>
      pending.length === 0 &&
      andThen(check(text, { complete: true, halfCharacter: false }), requireBoolean),
  };
  return constraint;
}

function requireBoolean(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  throw new InvalidOptionsError('predicate', [
    { path: '', message: `must return true or false, and returned ${show(answer)}` },
  ]);
}
