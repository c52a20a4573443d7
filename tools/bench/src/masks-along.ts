import { type Constraint, tokenMask, type tokenTrie } from '@pliant/constrain';
import type { Tokenizer } from '@pliant/core';

/** Makes the mask before each token of a text. @throws Error when a token is refused */
export function masksAlong<State, Value>(
  constraint: Constraint<State, Value>,
  tokens: Iterable<number>,
  tokenizer: Tokenizer,
  trie: ReturnType<typeof tokenTrie>,
): void {
  let state = constraint.start();
  for (const token of tokens) {
    if (state === undefined) throw new Error('the text is refused');
    tokenMask(constraint, state, trie);
    state = constraint.advance(state, tokenizer.bytes(token));
  }
}
