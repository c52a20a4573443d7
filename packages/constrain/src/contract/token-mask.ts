import { PliantError, show } from '@pliant/core';
import { AnswersLaterError } from './answers-later-error.js';
import type { AsyncConstraint } from './constraint.js';
import type { TokenTrie } from './token-trie.js';

/**
 * The tokens that may follow: bit `id & 31` of word `id >>> 5`. The constraint's own `mask` where
 * it has one, else by `advance` along the trie, which leaves a subtree at the first byte that is
 * refused; of whole tokens where the constraint asks for it. Not to be changed by the caller.
 * @returns [ceil(vocabularySize / 32)]
 * @throws AnswersLaterError if the constraint answers with a promise
 */
export function tokenMask<State, Value>(
  constraint: AsyncConstraint<State, Value>,
  state: State,
  trie: TokenTrie,
): Uint32Array {
  if (constraint.mask) {
    const own = constraint.mask(state, trie);
    const words = Math.ceil(trie.vocabularySize / 32);
    if (!(own instanceof Uint32Array) || own.length !== words)
      throw new PliantError(
        `the mask of ${constraint.name} must be a Uint32Array of ${words} words; it gave ${show(own)}`,
      );
    return own;
  }
  const mask = emptyMask(trie);
  if (constraint.mustEnd?.(state)) return mask;
  const advance = (from: State, bytes: Uint8Array) => {
    const after = constraint.advance(from, bytes);
    if (after instanceof Promise) throw new AnswersLaterError(constraint.name);
    return after;
  };
  if (constraint.wholeTokens) {
    setEachToken(trie, mask, (_, bytes) => advance(state, bytes) !== undefined);
    return mask;
  }
  const one = new Uint8Array(1);
  walkTrie(trie, state, mask, (from, byte) => {
    one[0] = byte;
    return advance(from, one);
  });
  return mask;
}

/**
 * Sets the tokens that `isAllowed` says.
 * @param isAllowed of an id and its bytes, not to be kept; the ids of the same bytes are asked one
 * by one
 */
export function setEachToken(
  { byte, depth, tokensFrom, tokens }: TokenTrie,
  mask: Uint32Array,
  isAllowed: (id: number, bytes: Uint8Array) => boolean,
): void {
  const path = new Uint8Array(Math.max(...new Set(depth)));
  for (let node = 1; node < byte.length; node++) {
    path[depth[node] - 1] = byte[node];
    for (let at = tokensFrom[node]; at < tokensFrom[node + 1]; at++)
      if (isAllowed(tokens[at], path.subarray(0, depth[node])))
        mask[tokens[at] >>> 5] |= 1 << (tokens[at] & 31);
  }
}

/** Whether `id` is set. */
export function isInMask(mask: Uint32Array, id: number): boolean {
  return ((mask[id >>> 5] >>> (id & 31)) & 1) === 1;
}

/** A mask of no tokens. */
export function emptyMask(trie: TokenTrie): Uint32Array {
  return new Uint32Array(Math.ceil(trie.vocabularySize / 32));
}

/** A mask of every token of the trie. */
export function fullMask(trie: TokenTrie): Uint32Array {
  const mask = emptyMask(trie);
  for (const id of trie.tokens) mask[id >>> 5] |= 1 << (id & 31);
  return mask;
}

/**
 * Sets the tokens whose bytes `step` takes one by one from `state` on. Each byte of the trie is
 * asked for at most once, and none below one that was refused.
 * @param step the state after one more byte; undefined or null where it is refused
 */
export function walkTrie<State>(
  trie: TokenTrie,
  state: State,
  mask: Uint32Array,
  step: (state: State, byte: number) => State | undefined | null,
): void {
  const { byte, depth, next, tokensFrom, tokens } = trie;
  const states: State[] = [state];
  const nodes = byte.length;
  for (let node = 1; node < nodes; ) {
    const after = step(states[depth[node] - 1], byte[node]);
    if (after === undefined || after === null) {
      node = next[node];
      continue;
    }
    states[depth[node]] = after;
    for (let at = tokensFrom[node]; at < tokensFrom[node + 1]; at++)
      mask[tokens[at] >>> 5] |= 1 << (tokens[at] & 31);
    node++;
  }
}
