import { type Alphabet, buildAlphabet, type Utf8Node } from '../../regex/automaton/alphabet.js';
import { type ItemSet, ItemSets } from '../network/item-set.js';
import type { Network } from '../network/network.js';
import { GrammarLimitError } from '../rules/grammar-error.js';
import type { Column, Exit, GrammarState, Groups } from './column.js';
import { ColumnStore } from './column-store.js';

/** Beginnings of frames that are open in one column. */
const maxGroups = 1_000;
/** Groups of the largest column whose masks are shared with columns that look alike. */
const maxShapeGroups = 8;

/** The end of a frame that began at `origin`. */
interface Return {
  readonly origin: Column;
  readonly frame: number;
}

/**
 * Incremental Earley recogniser over UTF-8 bytes, with Leo's rule for right recursion. Columns are
 * shared between all texts. In the words of the literature, `#stepClass` scans, `#close` completes,
 * and `begun` holds what is predicted.
 */
export class Recogniser {
  readonly start: Column | undefined;
  readonly #sets: ItemSets;
  readonly #alphabet: Alphabet;
  readonly #asciiClasses: Int32Array;
  readonly #columns: ColumnStore;
  #mark = 0;

  /**
   * @param tooLarge throws the error for too many overlapping character classes
   * @param maxHeld entries of about 8 bytes that are kept; default 8 million
   */
  constructor(network: Network, tooLarge: () => never, maxHeld?: number) {
    this.#alphabet = buildAlphabet(network.sets, tooLarge);
    this.#asciiClasses = Int32Array.from(this.#alphabet.root.children.slice(0, 0x80) as number[]);
    this.#sets = new ItemSets(network, this.#alphabet);
    this.#columns = new ColumnStore(this.#sets, maxShapeGroups, maxHeld);
    const first = this.#sets.start();
    const origins = [this.#columns.placeholders[0]];
    if (first) this.start = this.#close({ origins, sets: [first] }, 0);
  }

  /** The state after one more byte, or null when no text that begins so is derived. */
  step(state: GrammarState, byte: number): GrammarState | null {
    if (byte < 0x80 && state.within === undefined) {
      const known = state.byClass[this.#asciiClasses[byte]];
      if (known !== undefined) return known;
    }
    if (state.within) {
      const child = byte >= 0x80 && byte < 0xc0 ? state.within.children[byte - 0x80] : undefined;
      return child === undefined ? null : this.#stepInto(state.before, child);
    }
    const child = this.#alphabet.root.children[byte];
    return child === undefined ? null : this.#stepInto(state, child);
  }

  /** Same as `ColumnStore.shape`. */
  shape(column: Column): Column | undefined {
    return this.#columns.shape(column);
  }

  /** The column of all that is open once a frame that began at `origin` has ended. */
  afterFrame(origin: Column, frame: number): Column {
    const known = origin.afterFrames?.get(frame);
    if (known) return known;
    const { origins, sets } = this.#returns(origin, frame);
    const column = this.#close({ origins: [...origins], sets: [...sets] }, origin.depth);
    origin.afterFrames ??= new Map();
    origin.afterFrames.set(frame, column);
    return column;
  }

  /** Whether anything can follow. */
  goesOn(state: GrammarState): boolean {
    if (state.within) return true;
    return [...state.sets, state.begun].some((set) => set !== undefined && set.reads.length > 0);
  }

  /**
   * The one byte that can follow and the state after it; undefined if there are several or none.
   */
  onlyStep(state: GrammarState): { byte: number; next: GrammarState } | undefined {
    let only: { byte: number; next: GrammarState } | undefined;
    for (let byte = 0; byte < 256; byte++) {
      const next = this.step(state, byte);
      if (next === null) continue;
      if (only) return undefined;
      only = { byte, next };
    }
    return only;
  }

  #stepInto(column: Column, child: Utf8Node | number): GrammarState | null {
    if (typeof child === 'number') return this.#stepClass(column, child);
    const known = column.inside?.get(child);
    if (known !== undefined) return known;
    const viable = child.classes.some((id) => this.#stepClass(column, id) !== null);
    const state = viable ? { before: column, within: child } : null;
    // Created only now: `#stepClass` above may clear what is kept with the column.
    column.inside ??= new Map();
    column.inside.set(child, state);
    this.#columns.charge(1);
    return state;
  }

  #stepClass(column: Column, id: number): Column | null {
    const known = column.byClass[id];
    if (known !== undefined) return known;
    const origins: Column[] = [];
    const sets: ItemSet[] = [];
    for (let i = 0; i < column.sets.length; i++) {
      const after = this.#sets.step(column.sets[i], id);
      if (after) {
        origins.push(column.origins[i]);
        sets.push(after);
      }
    }
    const after = column.begun && this.#sets.step(column.begun, id);
    if (after) {
      origins.push(column);
      sets.push(after);
    }
    const next = origins.length === 0 ? null : this.#close({ origins, sets }, column.depth);
    column.byClass[id] = next;
    return next;
  }

  /** The column of these groups and of all that follows from the frames that end in them. */
  #close(groups: Groups, depth: number): Column {
    const { origins, sets } = groups;
    const mark = ++this.#mark;
    const work: number[] = [];
    for (let slot = 0; slot < origins.length; slot++) {
      origins[slot].mark = mark;
      origins[slot].slot = slot;
      if (sets[slot].ended.length > 0) work.push(slot);
    }
    const returned = new Map<number, Set<number>>();
    const exits: Exit[] = [];
    while (work.length > 0) {
      const slot = work.pop()!;
      const { outside } = origins[slot];
      for (const frame of sets[slot].ended) {
        const done = returned.get(slot);
        if (done?.has(frame)) continue;
        if (done) done.add(frame);
        else returned.set(slot, new Set([frame]));
        if (outside >= 0) exits.push({ outside, frame });
        else this.#open(this.#returns(origins[slot], frame), groups, work);
      }
    }
    return this.#columns.intern(groups, exits, depth);
  }

  /**
   * Adds what is open to the groups of the column at hand, and slots in which a frame ends to
   * `work`.
   */
  #open(added: Groups, { origins, sets }: Groups, work: number[]): void {
    for (let i = 0; i < added.origins.length; i++) {
      const origin = added.origins[i];
      const set = added.sets[i];
      if (origin.mark !== this.#mark) {
        origin.mark = this.#mark;
        origin.slot = origins.push(origin) - 1;
        sets.push(set);
        if (set.ended.length > 0) work.push(origin.slot);
        continue;
      }
      const union = this.#sets.union(sets[origin.slot], set);
      if (union === sets[origin.slot]) continue;
      sets[origin.slot] = union;
      if (union.ended.length > 0) work.push(origin.slot);
    }
    if (origins.length > maxGroups)
      throw new GrammarLimitError(
        `the text so far can be read in more than ${maxGroups} ways that are not finished. Make the grammar less ambiguous`,
      );
  }

  /**
   * What is open once a frame that began at `origin` has ended. Where that is one more end and
   * nothing else, what comes of that (Leo's topmost item): chains of ends cost one step.
   */
  #returns(origin: Column, frame: number): Groups {
    const chain: Return[] = [];
    let groups: Groups;
    for (let at: Return = { origin, frame }; ; ) {
      const known = at.origin.returns?.get(at.frame);
      if (known) {
        groups = known;
        break;
      }
      chain.push(at);
      groups = this.#directReturns(at.origin, at.frame);
      const [set] = groups.sets;
      if (groups.sets.length !== 1 || set.body || set.ended.length !== 1) break;
      if (groups.origins[0].outside >= 0) break;
      at = { origin: groups.origins[0], frame: set.ended[0] };
      if (isCycle(chain, at)) break;
    }
    for (const link of chain) {
      link.origin.returns ??= new Map();
      link.origin.returns.set(link.frame, groups);
    }
    this.#columns.charge(chain.length, groups.sets.length);
    return groups;
  }

  #directReturns(origin: Column, frame: number): Groups {
    const origins: Column[] = [];
    const sets: ItemSet[] = [];
    for (let i = 0; i < origin.sets.length; i++) {
      const after = this.#sets.afterFrame(origin.sets[i], frame);
      if (after) {
        origins.push(origin.origins[i]);
        sets.push(after);
      }
    }
    const after = origin.begun && this.#sets.afterFrame(origin.begun, frame);
    if (after) {
      origins.push(origin);
      sets.push(after);
    }
    return { origins, sets };
  }
}

/** Rules that derive each other end in a circle, all at the same place. */
function isCycle(chain: readonly Return[], at: Return): boolean {
  for (let i = chain.length - 1; i >= 0 && chain[i].origin === at.origin; i--)
    if (chain[i].frame === at.frame) return true;
  return false;
}
