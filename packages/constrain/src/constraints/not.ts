import { parseArguments } from '@pliant/core';
import type { AsyncConstraint, Constraint } from '../contract/constraint.js';
import { constraintArgument } from '../contract/constraint-schema.js';
import { MaskCache } from '../contract/mask-cache.js';
import { andThen } from '../contract/maybe-promise.js';
import { fullMask, tokenMask } from '../contract/token-mask.js';
import { noteTree, treeOf } from '../regex/regex-constraint.js';
import { negated } from './join-patterns.js';

/** The state of the negated constraint; undefined once no text that begins so satisfies it. */
interface NotState<State> {
  readonly inner: State | undefined;
}

/**
 * Text that does not satisfy the constraint as a whole: `not(regex(/.*sugar.*\/s))` is text without
 * "sugar". A text is given up as soon as all that goes on from it would satisfy the constraint,
 * where that is known: for regular expressions and what is made of them. Elsewhere it is found out
 * at the end, where the text may not end yet.
 * @throws InvalidArgumentError
 */
export function not<State>(constraint: Constraint<State, unknown>): Constraint;
export function not<State>(constraint: AsyncConstraint<State, unknown>): AsyncConstraint;
export function not<State>(constraint: AsyncConstraint<State, unknown>): AsyncConstraint {
  parseArguments('not', constraintArgument, { constraint });
  const outside = (inner: State | undefined): NotState<State> | undefined =>
    inner !== undefined && constraint.acceptsAll?.(inner) ? undefined : { inner };
  const negation: AsyncConstraint<NotState<State>> = {
    name: `not (${constraint.name})`,
    wholeTokens: constraint.wholeTokens,
    start: () => outside(constraint.start()),
    advance: (state, bytes) =>
      state.inner === undefined ? state : andThen(constraint.advance(state.inner, bytes), outside),
    canEnd: ({ inner }) =>
      inner === undefined || andThen(constraint.canEnd(inner), (canEnd) => !canEnd),
    acceptsAll: ({ inner }) => inner === undefined,
  };
  const masks = new MaskCache<object>();
  const result: AsyncConstraint<NotState<State>> = {
    ...negation,
    mask(state, trie) {
      const { inner } = state;
      if (inner === undefined) return fullMask(trie);
      const compute = () => tokenMask(negation, state, trie);
      return typeof inner === 'object' && inner !== null
        ? masks.get(inner, trie, compute)
        : compute();
    },
  };
  const tree = treeOf(constraint);
  if (tree) noteTree(result, negated(tree));
  return result;
}
