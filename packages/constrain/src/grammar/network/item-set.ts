import type { Alphabet } from '../../regex/automaton/alphabet.js';
import type { Network } from './network.js';
import { findProductive, type Productivity } from './productive.js';

/**
 * Places in the rules where a text may stand, of frames that all began at the same place in it:
 * states of the network, reached without reading further. One object for each set, so that what
 * follows from it is found out once.
 */
export interface ItemSet {
  readonly id: number;
  /** `read`, `call` and `end` states, ascending. */
  readonly states: Int32Array;
  readonly reads: readonly number[];
  readonly calls: readonly number[];
  /** Frames that end here. */
  readonly ended: readonly number[];
  /** By class of code points: the set after it; null if there is none. */
  readonly byClass: (ItemSet | null | undefined)[];
  /** By frame: the set after its calls. */
  readonly byFrame: Map<number, ItemSet | null>;
  /** By another set: the union of both. */
  readonly unions: Map<ItemSet, ItemSet>;
  /** Without the ends; undefined for none left. */
  body: ItemSet | undefined;
  /**
   * The set with which the called frames, and those that they begin with, begin; undefined for
   * none.
   */
  called: ItemSet | undefined;
}

/** Builds the sets of a network as far as texts go into it. */
export class ItemSets {
  readonly #network: Network;
  readonly #productivity: Productivity;
  /** [classes][sets] */
  readonly #isMember: readonly Uint8Array[];
  readonly #visited: Int32Array;
  #visit = 0;
  #known = new Map<string, ItemSet>();
  #nextId = 0;
  /** States held by all known sets together. */
  held = 0;

  constructor(network: Network, { members }: Alphabet) {
    this.#network = network;
    this.#productivity = findProductive(network);
    this.#isMember = members.map((sets) => {
      const isMember = new Uint8Array(network.sets.length);
      for (const set of sets) isMember[set] = 1;
      return isMember;
    });
    this.#visited = new Int32Array(network.kinds.length);
  }

  /** The set in which a text begins; null if nothing can be derived. */
  start(): ItemSet | null {
    return this.#reach([this.#network.entries[0]]);
  }

  /** The set after a code point of a class. */
  step(set: ItemSet, id: number): ItemSet | null {
    const known = set.byClass[id];
    if (known !== undefined) return known;
    const { operand, next } = this.#network;
    const isMember = this.#isMember[id];
    const targets = set.reads
      .filter((state) => isMember[operand[state]] === 1)
      .map((state) => next[state]);
    const after = this.#reach(targets);
    set.byClass[id] = after;
    return after;
  }

  /** The set after the calls of a frame. */
  afterFrame(set: ItemSet, frame: number): ItemSet | null {
    const known = set.byFrame.get(frame);
    if (known !== undefined) return known;
    const { operand, next } = this.#network;
    const targets = set.calls
      .filter((state) => operand[state] === frame)
      .map((state) => next[state]);
    const after = this.#reach(targets);
    set.byFrame.set(frame, after);
    return after;
  }

  union(a: ItemSet, b: ItemSet): ItemSet {
    if (a === b) return a;
    const known = a.unions.get(b);
    if (known) return known;
    const visit = ++this.#visit;
    const states = [...a.states];
    for (const state of states) this.#visited[state] = visit;
    for (const state of b.states) if (this.#visited[state] !== visit) states.push(state);
    const union = states.length === a.states.length ? a : this.#intern(states);
    a.unions.set(b, union);
    this.held += 6;
    return union;
  }

  /** Lets go of all sets; those that are still referred to stay usable. */
  forget(): void {
    for (const set of this.#known.values()) {
      set.byClass.length = 0;
      set.byFrame.clear();
      set.unions.clear();
    }
    this.#known = new Map();
    this.held = 0;
  }

  /**
   * Every state reachable without reading. A call of a frame that derives the empty text is also
   * passed over.
   */
  #reach(from: readonly number[]): ItemSet | null {
    const { kinds, next, operand } = this.#network;
    const { live, nullable } = this.#productivity;
    const visit = ++this.#visit;
    const states: number[] = [];
    const stack = [...from];
    while (stack.length > 0) {
      const state = stack.pop()!;
      if (this.#visited[state] === visit || live[state] === 0) continue;
      this.#visited[state] = visit;
      if (kinds[state] === 'fork') {
        stack.push(next[state]);
        if (operand[state] >= 0) stack.push(operand[state]);
        continue;
      }
      states.push(state);
      if (kinds[state] === 'call' && nullable[operand[state]] === 1) stack.push(next[state]);
    }
    return states.length === 0 ? null : this.#intern(states);
  }

  /** The first sets of frames, and of all that these begin with calling. */
  #begin(frames: readonly number[]): ItemSet | undefined {
    const { kinds, operand, entries } = this.#network;
    const begun = new Set<number>();
    const states = new Set<number>();
    const work = [...frames];
    while (work.length > 0) {
      const frame = work.pop()!;
      if (begun.has(frame)) continue;
      begun.add(frame);
      for (const state of this.#reach([entries[frame]])?.states ?? []) {
        // The empty text was accounted for where the call was passed over.
        if (kinds[state] === 'end') continue;
        states.add(state);
        if (kinds[state] === 'call') work.push(operand[state]);
      }
    }
    return states.size === 0 ? undefined : this.#intern([...states]);
  }

  #intern(unsorted: number[]): ItemSet {
    const states = Int32Array.from(unsorted).sort();
    const key = states.join();
    const known = this.#known.get(key);
    if (known) return known;
    const { kinds, operand } = this.#network;
    const reads: number[] = [];
    const calls: number[] = [];
    const ended: number[] = [];
    for (const state of states) {
      if (kinds[state] === 'read') reads.push(state);
      else if (kinds[state] === 'call') calls.push(state);
      else ended.push(operand[state]);
    }
    const set: ItemSet = {
      id: this.#nextId++,
      states,
      reads,
      calls,
      ended,
      byClass: [],
      byFrame: new Map(),
      unions: new Map(),
      body: undefined,
      called: undefined,
    };
    this.#known.set(key, set);
    this.held += 60 + 3 * states.length;
    if (ended.length === 0) set.body = set;
    else if (ended.length < states.length) set.body = this.#intern([...reads, ...calls]);
    if (calls.length > 0)
      set.called =
        set.body === set ? this.#begin(calls.map((state) => operand[state])) : set.body!.called;
    return set;
  }
}
