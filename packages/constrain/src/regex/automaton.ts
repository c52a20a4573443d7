import type { TokenTrie } from '../token-trie.js';
import { type Alphabet, buildAlphabet, type Utf8Node } from './alphabet.js';
import { isReadable, type Program } from './program.js';

/** Instructions held by all known states together before they are forgotten: about 64 MB. */
const maxHeld = 4_000_000;
const stateCost = 300;
/** States looked at before it is left open whether everything is accepted. */
const maxStatesOfAll = 1000;

/**
 * A state of the automaton: the text so far, as far as it matters. Only states from which some text leads to acceptance exist.
 * Transitions are filled in when first asked for; states outlive a clearing of the table, they only lose what they knew.
 */
export interface RegexState {
  /** `read` instructions that may come next, ascending. Each of them leads to acceptance. */
  readonly reads: Int32Array;
  /** Where inside a character the text ends; the alphabet's root between characters. */
  readonly within: Utf8Node;
  /** Whether the text so far matches. Inside a character: with the half of it as ill-formed bytes. */
  readonly accepting: boolean;
  /** By byte; null: no text with this prefix matches. */
  readonly byByte: (RegexState | null | undefined)[];
  /** By class of code points; of states between characters. */
  readonly byClass: (RegexState | null | undefined)[];
  /** States inside a character that begins here, by node. */
  readonly inside: Map<Utf8Node, RegexState | null>;
  /** The state before the character that the text ends in. */
  readonly before: RegexState | undefined;
}

/**
 * Deterministic automaton over bytes, built as far as texts go into it: subset construction on the instructions of a program,
 * so a byte costs time linear in the program at worst and a table look-up once known.
 */
export class Automaton {
  readonly start: RegexState | undefined;
  readonly #program: Program;
  readonly #alphabet: Alphabet;
  /** [classes][sets] */
  readonly #isMember: readonly Uint8Array[];
  /** Whether acceptance can be reached from an instruction; the second where the text is known to end. Not at the first character. */
  readonly #live: Uint8Array;
  readonly #liveAtEnd: Uint8Array;
  readonly #visited: Int32Array;
  #visit = 0;
  readonly #states = new Map<string, RegexState>();
  #held = 0;
  readonly #acceptsAll = new WeakMap<RegexState, boolean>();

  constructor(program: Program, tooLarge: () => never) {
    this.#program = program;
    this.#alphabet = buildAlphabet(program.sets, tooLarge);
    this.#isMember = this.#alphabet.members.map((sets) => {
      const isMember = new Uint8Array(program.sets.length);
      for (const set of sets) isMember[set] = 1;
      return isMember;
    });
    const count = program.kinds.length;
    this.#visited = new Int32Array(2 * count);
    this.#live = new Uint8Array(count);
    this.#liveAtEnd = new Uint8Array(count);
    this.#findLive();
    this.start = this.#reach([program.entry], true) ?? undefined;
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

  /** The one byte that every longer match goes on with, and the state after it; undefined where there are several or none. */
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
   * Whether every text that goes on from a state matches. False as well inside of a character, and where more than 1,000 states would
   * have to be looked at.
   */
  acceptsAll(from: RegexState): boolean {
    const known = this.#acceptsAll.get(from);
    if (known !== undefined) return known;
    const seen = new Set([from]);
    let answer = from.before === undefined;
    for (const state of seen) {
      answer &&= state.accepting && seen.size <= maxStatesOfAll;
      for (let id = 0; answer && id < this.#alphabet.members.length; id++) {
        const next = this.#stepClass(state, id);
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
      if (child === undefined) return this.#stepClass(state, this.#alphabet.illFormed);
      return typeof child === 'number' ? this.#stepClass(state, child) : this.#enter(state, child);
    }
    const child = byte >= 0x80 && byte < 0xc0 ? within.children[byte - 0x80] : undefined;
    if (typeof child === 'number') return this.#stepClass(before, child);
    if (child) return this.#enter(before, child);
    // As decoders do: what came of the character was ill-formed, and the byte begins anew.
    const after = this.#stepClass(before, this.#alphabet.illFormed);
    return after && this.step(after, byte);
  }

  /** The state inside of a character, if some way to finish the character (or to break it off) leads on. */
  #enter(before: RegexState, node: Utf8Node): RegexState | null {
    const known = before.inside.get(node);
    if (known !== undefined) return known;
    const brokenOff = this.#stepClass(before, this.#alphabet.illFormed);
    const viable =
      brokenOff !== null || node.classes.some((id) => this.#stepClass(before, id) !== null);
    const state = viable
      ? newState(before.reads, node, brokenOff?.accepting ?? false, before)
      : null;
    before.inside.set(node, state);
    this.#held += stateCost;
    return state;
  }

  #stepClass(state: RegexState, id: number): RegexState | null {
    const known = state.byClass[id];
    if (known !== undefined) return known;
    const { set, next } = this.#program;
    const isMember = this.#isMember[id];
    const targets: number[] = [];
    for (const read of state.reads) if (isMember[set[read]] === 1) targets.push(next[read]);
    const reached = targets.length === 0 ? null : this.#reach(targets, false);
    state.byClass[id] = reached;
    return reached;
  }

  /** The state of every instruction reachable without reading; null when acceptance cannot be reached. */
  #reach(from: readonly number[], atStart: boolean): RegexState | null {
    const { kinds, next, other } = this.#program;
    const count = kinds.length;
    const visited = this.#visited;
    const visit = ++this.#visit;
    const reads: number[] = [];
    let accepting = false;
    // Instruction i where the text may go on; count + i where it is known to end.
    const stack = [...from];
    while (stack.length > 0) {
      const item = stack.pop()!;
      if (visited[item] === visit) continue;
      visited[item] = visit;
      const ended = item >= count;
      const at = ended ? item - count : item;
      const offset = ended ? count : 0;
      if (!atStart && (ended ? this.#liveAtEnd : this.#live)[at] === 0) continue;
      switch (kinds[at]) {
        case 'accept':
          accepting = true;
          break;
        case 'read':
          if (!ended && this.#live[at] === 1) reads.push(at);
          break;
        case 'fork':
          stack.push(next[at] + offset, other[at] + offset);
          break;
        case 'start':
          if (atStart) stack.push(next[at] + offset);
          break;
        case 'end':
          stack.push(next[at] + count);
          break;
      }
    }
    if (reads.length === 0 && !accepting) return null;
    return this.#intern(Int32Array.from(reads).sort(), accepting);
  }

  #intern(reads: Int32Array, accepting: boolean): RegexState {
    const key = keyOf(reads, accepting);
    const known = this.#states.get(key);
    if (known) return known;
    if (this.#held > maxHeld) this.#forget();
    const state = newState(reads, this.#alphabet.root, accepting, undefined);
    this.#states.set(key, state);
    this.#held += stateCost + 2 * reads.length;
    return state;
  }

  #forget(): void {
    for (const state of this.#states.values()) {
      state.byByte.length = 0;
      state.byClass.length = 0;
      state.inside.clear();
    }
    this.#states.clear();
    this.#held = 0;
    // The start is never let go: back in the table, so that the next clearing reaches what it led to.
    if (this.start) this.#states.set(keyOf(this.start.reads, this.start.accepting), this.start);
  }

  /** Backwards from acceptance, as a worklist. */
  #findLive(): void {
    const { kinds, next, other, set, sets } = this.#program;
    const count = kinds.length;
    const readable = sets.map(isReadable);
    const into: number[][] = Array.from({ length: 2 * count }, () => []);
    const work: number[] = [];
    for (let at = 0; at < count; at++) {
      switch (kinds[at]) {
        case 'accept':
          work.push(at, count + at);
          break;
        case 'read':
          if (readable[set[at]]) into[next[at]].push(at);
          break;
        case 'fork':
          for (const offset of [0, count])
            for (const target of [next[at], other[at]]) into[target + offset].push(at + offset);
          break;
        case 'end':
          into[next[at] + count].push(at, at + count);
          break;
        case 'start':
          break;
      }
    }
    while (work.length > 0) {
      const item = work.pop()!;
      const live = item < count ? this.#live : this.#liveAtEnd;
      const at = item < count ? item : item - count;
      if (live[at] === 1) continue;
      live[at] = 1;
      work.push(...into[item]);
    }
  }
}

function keyOf(reads: Int32Array, accepting: boolean): string {
  return `${accepting}${reads.join()}`;
}

function newState(
  reads: Int32Array,
  within: Utf8Node,
  accepting: boolean,
  before: RegexState | undefined,
): RegexState {
  return { reads, within, accepting, byByte: [], byClass: [], inside: new Map(), before };
}
