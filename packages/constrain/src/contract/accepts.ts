import { parseArguments } from '@pliant/core';
import { z } from 'zod/v4';
import type { AsyncConstraint, Constraint } from './constraint.js';
import { constraintSchema } from './constraint-schema.js';
import { andThen, type MaybePromise } from './maybe-promise.js';

const argumentsSchema = z.strictObject({ constraint: constraintSchema, text: z.string() });
const utf8 = new TextEncoder();

/**
 * Whether `text` as a whole satisfies the constraint. A lone surrogate counts as U+FFFD. @throws
 * InvalidArgumentError
 */
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
    stateAfter('accepts', constraint, text),
    (state) => state !== undefined && constraint.canEnd(state),
  );
}

/**
 * Whether some text that begins with `text` satisfies the constraint, as far as the constraint can
 * tell: regular expressions and grammars know, a predicate is asked.
 * @throws InvalidArgumentError
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
  return andThen(stateAfter('isViablePrefix', constraint, text), (state) => state !== undefined);
}

function stateAfter<State, Value>(
  where: string,
  constraint: AsyncConstraint<State, Value>,
  text: string,
): MaybePromise<State | undefined> {
  parseArguments(where, argumentsSchema, { constraint, text });
  const state = constraint.start();
  return state === undefined || text === '' ? state : constraint.advance(state, utf8.encode(text));
}
