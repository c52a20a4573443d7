import type { Constraint } from './constraint.js';

const utf8 = new TextEncoder();

/** Whether `text` as a whole satisfies the constraint. A lone surrogate counts as U+FFFD. */
export function accepts<State>(constraint: Constraint<State>, text: string): boolean {
  const state = stateAfter(constraint, text);
  return state !== undefined && constraint.canEnd(state);
}

/**
 * Whether some text that begins with `text` satisfies the constraint, as far as the constraint can tell: regular expressions and
 * grammars know, a predicate is asked.
 */
export function isViablePrefix<State>(constraint: Constraint<State>, text: string): boolean {
  return stateAfter(constraint, text) !== undefined;
}

/** The state after `text`, undefined where no text that begins so satisfies the constraint. */
export function stateAfter<State>(constraint: Constraint<State>, text: string): State | undefined {
  const state = constraint.start();
  return state === undefined || text === '' ? state : constraint.advance(state, utf8.encode(text));
}
