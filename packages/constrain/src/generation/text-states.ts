import type { Tokenizer } from '@pliant/core';
import type { AsyncConstraint } from '../contract/constraint.js';
import { andThen, type MaybePromise } from '../contract/maybe-promise.js';
import { tokenBytes } from '../contract/token-bytes.js';

/**
 * The states of a constraint along the tokens of a text; undefined once no text that begins so
 * satisfies it.
 */
export class TextStates<State> {
  readonly #bytesOf: (id: number) => Uint8Array | undefined;
  /** The last token tested and allowed: mostly the one that comes next. */
  #tested: { readonly from: State; readonly token: number; readonly state: State } | undefined;

  /** True once the constraint has answered with a promise. It then has no masks. */
  answersLater = false;

  /** @param states of the text after each token, that of the empty text first */
  constructor(
    readonly constraint: AsyncConstraint<State, unknown>,
    readonly tokenizer: Tokenizer,
    readonly states: MaybePromise<State | undefined>[] = [constraint.start()],
  ) {
    this.#bytesOf = tokenBytes(tokenizer);
  }

  get tokens(): number {
    return this.states.length - 1;
  }

  get current(): MaybePromise<State | undefined> {
    return this.states[this.tokens];
  }

  after(state: State, token: number): MaybePromise<State | undefined> {
    if (this.tokenizer.endOfText.has(token))
      return andThen(this.constraint.canEnd(state), (canEnd) => (canEnd ? state : undefined));
    const bytes = this.#bytesOf(token);
    return bytes && this.constraint.advance(state, bytes);
  }

  /** Whether a token may follow. The first one allowed is kept with its state. */
  test(from: State, token: number): MaybePromise<boolean> {
    const after = this.after(from, token);
    if (after instanceof Promise) this.answersLater = true;
    return andThen(after, (state) => {
      if (state === undefined) return false;
      if (this.#tested?.from !== from) this.#tested = { from, token, state };
      return true;
    });
  }

  append(token: number): void {
    const tested = this.#tested;
    this.#tested = undefined;
    const current = this.current;
    const isTested = tested?.token === token && tested.from === current;
    this.states.push(
      isTested
        ? tested.state
        : andThen(current, (state) => (state === undefined ? state : this.after(state, token))),
    );
  }

  takeBack(count: number): void {
    this.states.length -= count;
    this.#tested = undefined;
  }

  copy(tokenizer: Tokenizer): TextStates<State> {
    return new TextStates(this.constraint, tokenizer, [...this.states]);
  }
}
