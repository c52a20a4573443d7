import type { AsyncConstraint, Constraint } from './constraint.js';
import { andThen, type MaybePromise } from './maybe-promise.js';

const utf8 = new TextEncoder();

/** Whether `text` as a whole satisfies the constraint. A lone surrogate counts as U+FFFD. */
export function accepts<State, Value>(constraint: Constraint<State, Value>, text: string): boolean;
export function accepts<State, Value>(
  constraint: AsyncConstraint<State, Value>,
  text: string,
): MaybePromise<boolean>;
export function accepts<State, Value>(
  constraint: AsyncConstraint<State, Value>,
  text: string,
): MaybePromise<boolean> {
  return andThen(
    stateAfter(constraint, text),
    (state) => state !== undefined && constraint.canEnd(state),
  );
}

/**
 * Whether some text that begins with `text` satisfies the constraint, as far as the constraint can tell: regular expressions and
 * grammars know, a predicate is asked.
 */
export function isViablePrefix<State, Value>(
  constraint: Constraint<State, Value>,
  text: string,
): boolean;
export function isViablePrefix<State, Value>(
  constraint: AsyncConstraint<State, Value>,
  text: string,
): MaybePromise<boolean>;
export function isViablePrefix<State, Value>(
  constraint: AsyncConstraint<State, Value>,
  text: string,
): MaybePromise<boolean> {
  return andThen(stateAfter(constraint, text), (state) => state !== undefined);
}

function stateAfter<State, Value>(
  constraint: AsyncConstraint<State, Value>,
  text: string,
): MaybePromise<State | undefined> {
  const state = constraint.start();
  return state === undefined || text === '' ? state : constraint.advance(state, utf8.encode(text));
}
