import { AnswersLaterError } from '../../contract/answers-later-error.js';
import { andThen, type MaybePromise } from '../../contract/maybe-promise.js';
import { emptyMask, isInMask, walkTrie } from '../../contract/token-mask.js';
import type { TokenTrie } from '../../contract/token-trie.js';
import { fromBytes } from '../formula/word-list.js';
import type { JsonMachine } from '../machine/json-machine.js';
import type { JsonState } from '../machine/json-state.js';

/** A state with what is needed to judge the whole text. */
export interface JudgedState {
  readonly inner: JsonState;
  /** The text so far, as bytes. */
  readonly text: string;
}

interface Token {
  readonly id: number;
  readonly bytes: Uint8Array;
}

const closings = new Set(Array.from('}]"', (character) => character.charCodeAt(0)));

/**
 * A machine whose finished texts are judged once more: the last byte is refused where the verdict
 * is no.
 */
export class LateCheck {
  readonly #closing = new WeakMap<TokenTrie, readonly Token[]>();

  /** @param isRight of a text that the machine takes as a whole */
  constructor(
    readonly machine: JsonMachine,
    readonly isRight: (text: string) => MaybePromise<boolean>,
  ) {}

  step({ inner, text }: JudgedState, byte: number): MaybePromise<JudgedState | undefined> {
    const next = this.machine.step(inner, byte);
    if (next === undefined) return undefined;
    const longer = text + String.fromCharCode(byte);
    const state = { inner: next, text: longer };
    if (next.at !== 'end') return state;
    const after = andThen(this.isRight(fromBytes(longer)), (isRight) =>
      isRight ? state : undefined,
    );
    // Who waits for it is told what it throws; nobody has to.
    if (after instanceof Promise) after.catch(() => undefined);
    return after;
  }

  advance(state: JudgedState, bytes: Uint8Array): MaybePromise<JudgedState | undefined> {
    let at: MaybePromise<JudgedState | undefined> = state;
    for (let i = 0; i < bytes.length && at; i++) {
      // Only the last byte of a text is judged, and nothing follows it.
      if (at instanceof Promise) return undefined;
      at = this.step(at, bytes[i]);
    }
    return at;
  }

  canEnd({ inner, text }: JudgedState): MaybePromise<boolean> {
    // What has ended was judged with its last byte.
    return inner.at === 'end' || (this.machine.canEnd(inner) && this.isRight(fromBytes(text)));
  }

  /**
   * @param known the machine's tokens
   * @throws AnswersLaterError if a token ends the text and the verdict comes later
   */
  mask(state: JudgedState, trie: TokenTrie, known: Uint32Array): Uint32Array {
    const { inner } = state;
    if (inner.at === 'word' || (inner.at === 'value' && !inner.frame)) {
      const mask = emptyMask(trie);
      walkTrie<JudgedState>(trie, state, mask, (from, byte) => atOnce(this.step(from, byte)));
      return mask;
    }
    const wrong = this.#tokensThatClose(trie).filter(
      ({ id, bytes }) => isInMask(known, id) && !this.#takes(state, bytes),
    );
    if (wrong.length === 0) return known;
    const mask = known.slice();
    for (const { id } of wrong) mask[id >>> 5] &= ~(1 << (id & 31));
    return mask;
  }

  #takes(state: JudgedState, bytes: Uint8Array): boolean {
    return atOnce(this.advance(state, bytes)) !== undefined;
  }

  /** Only these finish a text: with its last bracket or quote. */
  #tokensThatClose(trie: TokenTrie): readonly Token[] {
    let closing = this.#closing.get(trie);
    if (!closing) {
      closing = findClosing(trie);
      this.#closing.set(trie, closing);
    }
    return closing;
  }
}

function atOnce(state: MaybePromise<JudgedState | undefined>): JudgedState | undefined {
  if (state instanceof Promise) throw new AnswersLaterError('the schema');
  return state;
}

function findClosing({ byte, depth, tokensFrom, tokens }: TokenTrie): readonly Token[] {
  const found: Token[] = [];
  const path: number[] = [];
  for (let node = 1; node < byte.length; node++) {
    path[depth[node] - 1] = byte[node];
    if (!closings.has(byte[node])) continue;
    const bytes = Uint8Array.from(path.slice(0, depth[node]));
    for (let at = tokensFrom[node]; at < tokensFrom[node + 1]; at++)
      found.push({ id: tokens[at], bytes });
  }
  return found;
}
