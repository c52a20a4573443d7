import type { Choice, Run } from '@pliant/core';
import type { AsyncConstraint } from '../contract/constraint.js';
import { type TokenTrie, tokenTrie } from '../contract/token-trie.js';
import { shortCompletion } from './short-completion.js';
import type { TextStates } from './text-states.js';

/**
 * Tokens kept back beside those of the completion: the ways to the end may grow by as many from one
 * check to the next.
 */
const margin = 8;

/**
 * The end that a text gets when its tokens run out: the shortest known way to an end is kept within
 * reach, and taken in time.
 */
export class Closing<State> {
  /** The tokens that end the text, and the number of tokens before them. */
  #ending: { readonly from: number; readonly tokens: readonly number[] } | undefined;
  /** Tokens left at which the way to the end is looked at again. */
  #checkAt = Number.POSITIVE_INFINITY;

  constructor(
    readonly constraint: AsyncConstraint<State, unknown>,
    readonly run: Run,
  ) {}

  /** The tokens of the ending after `written` tokens; undefined before it. */
  tokensFrom(written: number): readonly number[] | undefined {
    return this.#ending?.tokens.slice(written - this.#ending.from);
  }

  /** The next token of the ending; undefined before it. */
  next(written: number): Choice | undefined {
    const left = this.tokensFrom(written);
    if (!left) return undefined;
    if (left.length === 1) this.run.stopWhen('length');
    return { token: left[0], logWeight: Number.NEGATIVE_INFINITY };
  }

  /**
   * Returns the choice, or the first token of the ending if the ending would not fit after the
   * choice.
   */
  check(states: TextStates<State>, state: State, choice: Choice): Choice {
    const { tokenizer, maxNewTokens } = this.run;
    const left = maxNewTokens - states.tokens;
    if (left > this.#checkAt || tokenizer.endOfText.has(choice.token)) return choice;
    const after = states.after(state, choice.token);
    const behind =
      after instanceof Promise || after === undefined ? undefined : this.#wayFrom(after);
    if (behind && behind.length < left) {
      // Half of the slack may be used until then, and half may be lost to a longer way.
      const slack = left - 1 - behind.length - margin;
      this.#checkAt = left - Math.max(1, Math.floor(slack / 2));
      return choice;
    }
    const tokens = this.#wayFrom(state);
    if (!tokens || tokens.length > left || tokens.length === 0) return choice;
    this.#ending = { from: states.tokens, tokens };
    this.run.warn({
      type: 'other',
      feature: 'constraint',
      details: `the text was completed after ${states.tokens} tokens: more of it would not have ended within ${maxNewTokens}`,
    });
    return this.next(states.tokens)!;
  }

  rollback(written: number): void {
    this.#checkAt = Number.POSITIVE_INFINITY;
    if (this.#ending && written <= this.#ending.from) this.#ending = undefined;
  }

  copy(run: Run): Closing<State> {
    const copy = new Closing(this.constraint, run);
    copy.#ending = this.#ending;
    copy.#checkAt = this.#checkAt;
    return copy;
  }

  /** Tokens from a state to an end, that of the text included. */
  #wayFrom(state: State): number[] | undefined {
    const { tokenizer } = this.run;
    const bytes = shortCompletion(this.constraint, state);
    const tokens = bytes && longestMatches(bytes, tokenTrie(tokenizer));
    const [end] = tokenizer.endOfText;
    return tokens && (end === undefined ? tokens : [...tokens, end]);
  }
}

/**
 * Tokens that spell `bytes`, each the longest that fits; undefined if the vocabulary lacks a byte.
 */
export function longestMatches(bytes: Uint8Array, trie: TokenTrie): number[] | undefined {
  const { byte, next, tokensFrom, tokens } = trie;
  const found: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    let longest = -1;
    let length = 0;
    let node = 0;
    for (let end = at; end < bytes.length; end++) {
      const after = next[node];
      let child = node + 1;
      while (child < after && byte[child] !== bytes[end]) child = next[child];
      if (child >= after) break;
      node = child;
      if (tokensFrom[node] === tokensFrom[node + 1]) continue;
      longest = tokens[tokensFrom[node]];
      length = end + 1 - at;
    }
    if (longest < 0) return undefined;
    found.push(longest);
    at += length;
  }
  return found;
}
