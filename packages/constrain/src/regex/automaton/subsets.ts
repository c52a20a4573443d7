import type { Utf8Node } from './alphabet.js';
import { isReadable, type Program } from './program.js';
import { type ClassSteps, newState, type RegexState, stateCost } from './regex-state.js';

/** Instructions held by all known states together before they are forgotten: about 64 MB. */
const maxHeld = 4_000_000;

/** Subset construction on the instructions of a program that does not look around. */
export class Subsets implements ClassSteps {
  readonly start: RegexState | undefined;
  readonly #program: Program;
  /**
   * Whether acceptance can be reached from an instruction; the second where the text is known to
   * end. Not at the first character.
   */
  readonly #live: Uint8Array;
  readonly #liveAtEnd: Uint8Array;
  readonly #visited: Int32Array;
  #visit = 0;
  readonly #states = new Map<string, RegexState>();
  #held = 0;

  /** @param isMember [classes][sets] */
  constructor(
    program: Program,
    readonly isMember: readonly Uint8Array[],
    readonly root: Utf8Node,
  ) {
    this.#program = program;
    const count = program.kinds.length;
    this.#visited = new Int32Array(2 * count);
    this.#live = new Uint8Array(count);
    this.#liveAtEnd = new Uint8Array(count);
    this.#findLive();
    this.start = this.#reach([program.entry], true) ?? undefined;
  }

  isLast(state: RegexState): boolean {
    return state.reads.length === 0;
  }

  isSettled(): boolean {
    return false;
  }

  hold(cost: number): void {
    this.#held += cost;
  }

  step(state: RegexState, id: number): RegexState | null {
    const known = state.byClass[id];
    if (known !== undefined) return known;
    const { set, next } = this.#program;
    const isMember = this.isMember[id];
    const targets: number[] = [];
    for (const read of state.reads) if (isMember[set[read]] === 1) targets.push(next[read]);
    const reached = targets.length === 0 ? null : this.#reach(targets, false);
    state.byClass[id] = reached;
    return reached;
  }

  /**
   * The state of every instruction reachable without reading; null when acceptance cannot be
   * reached.
   */
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
    const state = newState(reads, this.root, accepting, undefined, undefined);
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
    // The start is never let go: back in the table, so that the next clearing reaches what it led
    // to.
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
