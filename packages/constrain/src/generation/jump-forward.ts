import type { Run, Tokenizer } from '@pliant/core';
import type { AsyncConstraint } from '../contract/constraint.js';
import { wholeLength } from '../text/whole-length.js';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Proposes the tokens of what must follow, and counts the forwards that this saved. */
export class JumpForward<State> {
  #pending: readonly number[] = [];
  #proposed = 0;
  #saved = 0;

  constructor(
    readonly constraint: AsyncConstraint<State, unknown>,
    readonly run: Run,
  ) {}

  /**
   * @param state undefined where nothing is allowed
   * @param most tokens at most
   * @param known tokens that will be chosen, whatever the model says
   */
  propose(state: State | undefined, most: number, known?: readonly number[]): readonly number[] {
    const { constraint, run } = this;
    const forced = state !== undefined && constraint.forced?.(state);
    const tokens = known ?? (forced ? forcedTokens(forced, run.tokenizer) : []);
    this.#pending = tokens.slice(0, most);
    this.#proposed += this.#pending.length;
    run.emit('proposed', this.#proposed);
    run.emit('forwardsSaved', this.#saved);
    return this.#pending;
  }

  commit(token: number): void {
    if (this.#pending.length === 0) return;
    const isProposed = this.#pending[0] === token;
    if (isProposed) this.run.emit('forwardsSaved', ++this.#saved);
    this.#pending = isProposed ? this.#pending.slice(1) : [];
  }
}

/**
 * The tokens that the tokenizer writes `bytes` with, as far as they are sure to be: without the
 * last one, which what follows may change, and without a character that the end cuts off. None
 * where the bytes begin inside a character.
 */
export function forcedTokens(bytes: Uint8Array, tokenizer: Tokenizer): readonly number[] {
  let text: string;
  try {
    text = utf8.decode(bytes.subarray(0, wholeLength(bytes)));
  } catch {
    return [];
  }
  const ids = [...tokenizer.encode(text)].slice(0, -1);
  const control = ids.findIndex((id) => tokenizer.special.has(id) || tokenizer.endOfText.has(id));
  return control < 0 ? ids : ids.slice(0, control);
}
