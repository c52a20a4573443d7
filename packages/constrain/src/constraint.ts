import type { MaybePromise } from './maybe-promise.js';
import type { TokenTrie } from './token-trie.js';

/**
 * What a text must satisfy, over bytes: tokens may end anywhere, also inside a character. States are immutable, so that
 * copying a generation and taking tokens back cost nothing.
 * `Value` is what a finished text stands for.
 */
export interface Constraint<State = unknown, Value = undefined> {
  /** In errors and warnings. */
  readonly name: string;
  /** The state of the empty text; undefined when no text at all satisfies the constraint. */
  start(): State | undefined;
  /**
   * The state of the text with `bytes` appended; undefined when no text that begins so satisfies the constraint. A constraint
   * that cannot tell may keep such a text alive: it is then found out later, and the generation ends as `'dead-end'`.
   * @param bytes one or more, not kept
   */
  advance(state: State, bytes: Uint8Array): State | undefined;
  /** Whether the text may end here. */
  canEnd(state: State): boolean;
  /** Whether nothing may follow; the text is lost where it may not end, either. Absent: not known, which is always safe. */
  mustEnd?(state: State): boolean;
  /**
   * Bytes that every text which goes on from here goes on with, as far as known and of bounded length; empty where the text may end
   * here or where none are known. Absent: none are known.
   */
  forced?(state: State): Uint8Array;
  /**
   * The tokens that `advance` takes: bit `id & 31` of word `id >>> 5`, ceil(vocabularySize / 32) words. Control tokens and the end of
   * the text are not set. May be one kept for later; the caller does not change it. Absent: `tokenMask` asks `advance`.
   */
  mask?(state: State, trie: TokenTrie): Uint32Array;
  /**
   * `advance` may answer the bytes of a token one by one otherwise than together, as a function of whole texts does. A mask then tests
   * every token as a whole, so `constrain` makes none unless it is told to. Default false.
   */
  readonly wholeTokens?: boolean;
  /** Whether every text that goes on from here satisfies it, the one that ends here too; false where it is not known. Absent: not known. */
  acceptsAll?(state: State): boolean;
  /** A short text, in bytes, after which the text may end; undefined where none is known. */
  completion?(state: State): Uint8Array | undefined;
  /** What a text that satisfies the constraint stands for. */
  value?(text: string): Value;
}

/** A constraint that may answer later. The generation waits for it; it has no masks. */
export interface AsyncConstraint<State = unknown, Value = undefined>
  extends Omit<Constraint<State, Value>, 'advance' | 'canEnd'> {
  advance(state: State, bytes: Uint8Array): MaybePromise<State | undefined>;
  canEnd(state: State): MaybePromise<boolean>;
}
