import { AnswersLaterError } from '../contract/answers-later-error.js';
import type { AsyncConstraint } from '../contract/constraint.js';
import { andThen, type MaybePromise } from '../contract/maybe-promise.js';
import { fullMask, isInMask, setEachToken, tokenMask } from '../contract/token-mask.js';
import type { TokenTrie } from '../contract/token-trie.js';
import { noteTree } from '../regex/regex-constraint.js';
import { canMeet } from './can-meet.js';
import {
  type CombinedConstraint,
  type ConstraintList,
  namesOf,
  requireConstraints,
  writtenParts,
} from './constraint-list.js';
import { generatedBy } from './generated-by.js';
import { joinPatterns, jointTree } from './join-patterns.js';

/** The state of each part. */
type AllOfState = readonly unknown[];

/** The value of the first part that has one. */
export type FirstValue<Parts extends ConstraintList> = Parts extends readonly [
  AsyncConstraint<infer _State, infer Value>,
  ...infer Rest extends ConstraintList,
]
  ? [Value] extends [undefined]
    ? FirstValue<Rest>
    : Value
  : undefined;

/**
 * Text that satisfies every one of the constraints. For regular expressions (and `not`, `anyOf` and
 * `allOf` of them) it is known at each byte whether some text satisfies all, within 10,000 states;
 * for other parts it is tried once, before the first byte, with 4,000 questions to them. Where each
 * part alone can go on, no text satisfies all and that is not noticed, the generation ends as
 * `'dead-end'`. The value is that of the first part that has one.
 *
 * ```ts
 * constrain(allOf([jsonSchema(Recipe), predicate((text) => !text.includes('sugar'))]));
 * ```
 * Put what answers fast first: a token that it refuses is not asked of the others.
 * @throws InvalidOptionsError
 */
export function allOf<const Parts extends ConstraintList>(
  parts: Parts,
): CombinedConstraint<Parts, FirstValue<Parts>> {
  requireConstraints('allOf', parts);
  const asWritten = writtenParts(parts);
  // If a part asks for its own spelling, the others accept that.
  const combined = generatedBy(combine(parts), () => {
    const written = asWritten && combine(asWritten);
    return written?.start() === undefined ? undefined : written;
  });
  const tree = jointTree(parts);
  if (tree) noteTree(combined, tree);
  // If all parts answer at once, so does the combination.
  return combined as unknown as CombinedConstraint<Parts, FirstValue<Parts>>;
}

function combine(given: ConstraintList): AsyncConstraint<AllOfState, unknown> {
  const parts = joinPatterns(given);
  let meet: boolean | undefined;
  const valued = parts.find(({ value }) => value);
  const combined: AsyncConstraint<AllOfState, unknown> = {
    name: `all of (${namesOf(given)})`,
    wholeTokens: parts.some(({ wholeTokens }) => wholeTokens),
    start() {
      const states = parts.map((part) => part.start());
      if (states.includes(undefined)) return undefined;
      meet ??= canMeet(parts, states);
      return meet ? states : undefined;
    },
    advance: (states, bytes) => advanceAll(parts, states, bytes),
    canEnd: (states) => canEndAll(parts, states),
    mustEnd: (states) => parts.some((part, i) => part.mustEnd?.(states[i])),
    forced: (states) =>
      parts
        .map((part, i) => part.forced?.(states[i]) ?? new Uint8Array(0))
        .reduce((longest, bytes) => (bytes.length > longest.length ? bytes : longest)),
    mask: (states, trie) => maskOfAll(parts, states, trie),
    acceptsAll: (states) => parts.every((part, i) => part.acceptsAll?.(states[i])),
    completion: (states) =>
      parts
        .map((part, i) => part.completion?.(states[i]))
        .find((bytes) => bytes && endsAfter(combined, states, bytes)),
    ...(valued && { value: (text: string) => valued.value?.(text) }),
  };
  return combined;
}

/** The parts in turn, up to the first that refuses. */
function advanceAll(
  parts: ConstraintList,
  states: AllOfState,
  bytes: Uint8Array,
  done: AllOfState = [],
): MaybePromise<AllOfState | undefined> {
  const after = [...done];
  while (after.length < parts.length) {
    const part = after.length;
    const state = parts[part].advance(states[part], bytes);
    if (state instanceof Promise) {
      // The caller's bytes are not ours to keep.
      const kept = bytes.slice();
      return state.then((known) =>
        known === undefined ? undefined : advanceAll(parts, states, kept, [...after, known]),
      );
    }
    if (state === undefined) return undefined;
    after.push(state);
  }
  return after;
}

function canEndAll(parts: ConstraintList, states: AllOfState, from = 0): MaybePromise<boolean> {
  if (from === parts.length) return true;
  return andThen(
    parts[from].canEnd(states[from]),
    (canEnd) => canEnd && canEndAll(parts, states, from + 1),
  );
}

/** Masks of the parts that have them; what these leave is tested by the others. */
function maskOfAll(parts: ConstraintList, states: AllOfState, trie: TokenTrie): Uint32Array {
  const masks = parts.flatMap((part, i) =>
    part.wholeTokens ? [] : [tokenMask(part, states[i], trie)],
  );
  const mask = masks.length > 0 ? masks[0].slice() : fullMask(trie);
  for (const own of masks.slice(1))
    for (let word = 0; word < mask.length; word++) mask[word] &= own[word];
  const whole = [...parts.entries()].filter(([, { wholeTokens }]) => wholeTokens);
  if (whole.length === 0) return mask;
  const tested = new Uint32Array(mask.length);
  setEachToken(trie, tested, (id, bytes) => {
    if (!isInMask(mask, id)) return false;
    return whole.every(([i, part]) => {
      const after = part.advance(states[i], bytes);
      if (after instanceof Promise) throw new AnswersLaterError(part.name);
      return after !== undefined;
    });
  });
  return tested;
}

/** Whether the text may end after `bytes`, as far as is known at once. */
function endsAfter(
  constraint: AsyncConstraint<AllOfState, unknown>,
  states: AllOfState,
  bytes: Uint8Array,
): boolean {
  const after = bytes.length === 0 ? states : constraint.advance(states, bytes);
  return after !== undefined && !(after instanceof Promise) && constraint.canEnd(after) === true;
}
