import { accepts } from '../contract/accepts.js';
import { commonLength } from '../contract/common-length.js';
import type { AsyncConstraint } from '../contract/constraint.js';
import { andThen, type MaybePromise } from '../contract/maybe-promise.js';
import { emptyMask, tokenMask } from '../contract/token-mask.js';
import { noteTree, treeOf } from '../regex/regex-constraint.js';
import {
  type CombinedConstraint,
  type ConstraintList,
  namesOf,
  requireConstraints,
  writtenParts,
} from './constraint-list.js';
import { generatedBy } from './generated-by.js';

/** The state of each part; undefined of those that the text cannot satisfy any more. */
type AnyOfState = readonly unknown[];

/** The value of any part. */
export type ValueOfAny<Parts extends ConstraintList> =
  Parts[number] extends AsyncConstraint<infer _State, infer Value> ? Value : undefined;

/**
 * Text that satisfies at least one of the constraints. The value is that of the first part that the
 * text satisfies.
 *
 * ```ts
 * constrain(anyOf([regex(/I do not know\./), jsonSchema(Answer)]));
 * ```
 * @throws InvalidOptionsError
 */
export function anyOf<const Parts extends ConstraintList>(
  parts: Parts,
): CombinedConstraint<Parts, ValueOfAny<Parts>> {
  requireConstraints('anyOf', parts);
  const written = writtenParts(parts);
  const combined = generatedBy(combine(parts), () => written && combine(written));
  const trees = parts.flatMap((part) => treeOf(part) ?? []);
  if (trees.length === parts.length) noteTree(combined, { type: 'alternatives', parts: trees });
  // If all parts answer at once, so does the combination.
  return combined as unknown as CombinedConstraint<Parts, ValueOfAny<Parts>>;
}

function combine(parts: ConstraintList): AsyncConstraint<AnyOfState, unknown> {
  const alive = (states: AnyOfState) =>
    parts.flatMap((part, i) => (states[i] === undefined ? [] : [{ part, state: states[i] }]));
  return {
    name: `any of (${namesOf(parts)})`,
    wholeTokens: parts.some(({ wholeTokens }) => wholeTokens),
    start: () => someOf(parts.map((part) => part.start())),
    advance(states, bytes) {
      const after = parts.map((part, i) =>
        states[i] === undefined ? undefined : part.advance(states[i], bytes),
      );
      return after.some((state) => state instanceof Promise)
        ? Promise.all(after).then(someOf)
        : someOf(after);
    },
    canEnd: (states) => canEndAny(alive(states)),
    mustEnd: (states) => alive(states).every(({ part, state }) => part.mustEnd?.(state)),
    forced: (states) =>
      alive(states)
        .map(({ part, state }) => part.forced?.(state) ?? new Uint8Array(0))
        .reduce((common, bytes) => common.subarray(0, commonLength(common, bytes))),
    mask(states, trie) {
      const mask = emptyMask(trie);
      for (const { part, state } of alive(states)) {
        const own = tokenMask(part, state, trie);
        for (let word = 0; word < mask.length; word++) mask[word] |= own[word];
      }
      return mask;
    },
    acceptsAll: (states) => alive(states).some(({ part, state }) => part.acceptsAll?.(state)),
    completion: (states) =>
      alive(states)
        .flatMap(({ part, state }) => part.completion?.(state) ?? [])
        .reduce<Uint8Array | undefined>(
          (shortest, bytes) => (shortest && shortest.length <= bytes.length ? shortest : bytes),
          undefined,
        ),
    ...(parts.some(({ value }) => value) && {
      value: (text: string) => parts.find((part) => accepts(part, text) === true)?.value?.(text),
    }),
  };
}

function someOf(states: AnyOfState): AnyOfState | undefined {
  return states.every((state) => state === undefined) ? undefined : states;
}

function canEndAny(
  alive: readonly { readonly part: AsyncConstraint<unknown, unknown>; readonly state: unknown }[],
): MaybePromise<boolean> {
  if (alive.length === 0) return false;
  const [{ part, state }, ...others] = alive;
  return andThen(part.canEnd(state), (canEnd) => canEnd || canEndAny(others));
}
