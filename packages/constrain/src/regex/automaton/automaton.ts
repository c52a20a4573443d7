import type { TokenTrie } from '../../contract/token-trie.js';
import type { CharSet } from '../syntax/char-set.js';
import { type Alphabet, buildAlphabet, type Utf8Node } from './alphabet.js';
import { LookStates } from './look-states.js';
import type { Program } from './program.js';
import { type ClassSteps, newState, type RegexState, stateCost } from './regex-state.js';
import { Subsets } from './subsets.js';

/** States looked at before it is left open whether everything is accepted. */
const maxStatesOfAll = 1000;

/**
 * Deterministic automaton over bytes, built as far as texts go into it on one over classes of code
 * points: a byte costs a table look-up once known, and time linear in the program where the pattern
 * does not look around.
 */
export class Automaton {
  readonly start: RegexState | undefined;
  readonly #alphabet: Alphabet;
  readonly #classes: ClassSteps;
  readonly #acceptsAll = new WeakMap<RegexState, boolean>();

  /**
   * @param fail throws the error for a pattern that is too large
   * @param mayGiveUp whether a text counts as possible where the limits of look-arounds leave it
   * open, instead of an error
   */
  constructor(program: Program, fail: (reason: string) => never, mayGiveUp = false) {
    this.#alphabet = buildAlphabet(program.sets, () =>
      fail('too many overlapping character classes. Use fewer or simpler ones'),
    );
    const isMember = this.#alphabet.members.map((sets) => {
      const member = new Uint8Array(program.sets.length);
      for (const set of sets) member[set] = 1;
      return member;
    });
    this.#classes = program.looksAround
      ? new LookStates(program, isMember, this.#alphabet, fail, mayGiveUp)
      : new Subsets(program, isMember, this.#alphabet.root);
    this.start = this.#classes.start;
  }

  /** Whether nothing may follow. */
  isLast(state: RegexState): boolean {
    return state.before === undefined && this.#classes.isLast(state);
  }

  /** Whether every text that begins so matches; false where that is not known at once. */
  isSettled(state: RegexState): boolean {
    return state.before === undefined && this.#classes.isSettled(state);
  }

  /**
   * Code points, each of which leads on to acceptance; undefined if none are known. Of patterns
   * that look around, from a state between characters that is not accepting.
   */
  wayFrom(state: RegexState): CharSet | undefined {
    return this.#classes.wayFrom!(state);
  }

  /** The state after one more byte, or null when no text that begins so matches. */
  step(state: RegexState, byte: number): RegexState | null {
    const known = state.byByte[byte];
    if (known !== undefined) return known;
    const next = this.#stepByte(state, byte);
    state.byByte[byte] = next;
    return next;
  }

  /** Sets the tokens that `step` takes from a state on: `walkTrie` written out, for speed. */
  setTokens(from: RegexState, trie: TokenTrie, mask: Uint32Array): void {
    const { byte, depth, next, tokensFrom, tokens } = trie;
    const states: RegexState[] = [from];
    const nodes = byte.length;
    for (let node = 1; node < nodes; ) {
      const state = states[depth[node] - 1];
      let after = state.byByte[byte[node]];
      if (after === undefined) after = this.step(state, byte[node]);
      if (after === null) {
        node = next[node];
        continue;
      }
      states[depth[node]] = after;
      const end = tokensFrom[node + 1];
      for (let at = tokensFrom[node]; at < end; at++) {
        const id = tokens[at];
        mask[id >>> 5] |= 1 << (id & 31);
      }
      node++;
    }
  }

  /**
   * The one byte that every longer match goes on with, and the state after it; undefined if there
   * are several or none.
   */
  onlyStep(state: RegexState): { readonly byte: number; readonly next: RegexState } | undefined {
    let only: { byte: number; next: RegexState } | undefined;
    for (let byte = 0; byte < 256; byte++) {
      // Not kept: a table of 256 for each state passed would be mostly empty.
      const next =
        state.byByte[byte] === undefined ? this.#stepByte(state, byte) : state.byByte[byte];
      if (!next) continue;
      if (only) return undefined;
      only = { byte, next };
    }
    return only;
  }

  /**
   * Whether every text that goes on from a state matches. False as well inside a character, and
   * where more than 1,000 states would have to be looked at.
   */
  acceptsAll(from: RegexState): boolean {
    const known = this.#acceptsAll.get(from);
    if (known !== undefined) return known;
    const seen = new Set([from]);
    let answer = from.before === undefined;
    for (const state of seen) {
      answer &&= state.accepting && seen.size <= maxStatesOfAll;
      for (let id = 0; answer && id < this.#alphabet.members.length; id++) {
        const next = this.#classes.step(state, id);
        if (next) seen.add(next);
        else answer = false;
      }
      if (!answer) break;
    }
    this.#acceptsAll.set(from, answer);
    return answer;
  }

  #stepByte(state: RegexState, byte: number): RegexState | null {
    const { before, within } = state;
    if (before === undefined) {
      const child = within.children[byte];
      if (child === undefined) return this.#classes.step(state, this.#alphabet.illFormed);
      return typeof child === 'number'
        ? this.#classes.step(state, child)
        : this.#enter(state, child);
    }
    const child = byte >= 0x80 && byte < 0xc0 ? within.children[byte - 0x80] : undefined;
    if (typeof child === 'number') return this.#classes.step(before, child);
    if (child) return this.#enter(before, child);
    // As decoders do: the beginning of the character was ill-formed, and the byte begins another.
    const after = this.#classes.step(before, this.#alphabet.illFormed);
    return after && this.step(after, byte);
  }

  /**
   * The state inside a character, if some way to finish the character (or to break it off) leads
   * on.
   */
  #enter(before: RegexState, node: Utf8Node): RegexState | null {
    const known = before.inside.get(node);
    if (known !== undefined) return known;
    const brokenOff = this.#classes.step(before, this.#alphabet.illFormed);
    const viable =
      brokenOff !== null || node.classes.some((id) => this.#classes.step(before, id) !== null);
    const state = viable
      ? newState(before.reads, node, brokenOff?.accepting ?? false, before, undefined)
      : null;
    before.inside.set(node, state);
    this.#classes.hold(stateCost);
    return state;
  }
}
