import { type Alphabet, buildAlphabet, type Utf8Node } from '../../regex/automaton/alphabet.js';
import { type ItemSet, ItemSets } from '../network/item-set.js';
import type { Network } from '../network/network.js';
import { GrammarLimitError } from '../rules/grammar-error.js';
import type { Column, Exit, GrammarState, Groups } from './column.js';

/** Held by all known columns and item sets before they are forgotten, in entries of about 8 bytes: 64 MB. */
const maxHeld = 8_000_000;
/** Held by the columns on the way to one text; beginnings of frames open in one column. */
const maxDepth = 30_000_000;
const maxGroups = 1_000;
const columnCost = 50;
/** Groups of the largest column whose masks are shared with columns that look alike. */
const maxShapeGroups = 8;

/** The end of a frame that began at `origin`. */
interface Return {
  readonly origin: Column;
  readonly frame: number;
}

/** Incremental Earley recogniser over UTF-8 bytes, with columns that are shared between all texts. */
export class Recogniser {
  readonly start: Column | undefined;
  readonly #sets: ItemSets;
  readonly #alphabet: Alphabet;
  readonly #asciiClasses: Int32Array;
  #columns = new Map<string, Column>();
  #held = 0;
  #nextId = 0;
  #mark = 0;
  /** Columns that stand for others, whatever is open in those. In the first, the text as a whole (frame 0) begins. */
  readonly #outside: readonly Column[];

  /** @param tooLarge throws the error for too many overlapping character classes */
  constructor(network: Network, tooLarge: () => never) {
    this.#alphabet = buildAlphabet(network.sets, tooLarge);
    this.#asciiClasses = Int32Array.from(this.#alphabet.root.children.slice(0, 0x80) as number[]);
    this.#sets = new ItemSets(network, this.#alphabet);
    this.#outside = Array.from({ length: maxShapeGroups }, (_, index) =>
      this.#newColumn({ origins: [], sets: [] }, undefined, [], 0, index),
    );
    const first = this.#sets.start();
    if (first) this.start = this.#close({ origins: [this.#outside[0]], sets: [first] }, 0);
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

  /**
   * The column in which the same places are open as in another, with beginnings of which nothing is known: what a text can go on with in
   * all columns that look alike. Undefined where too many are open.
   */
  shape({ sets }: Column): Column | undefined {
    if (sets.length > maxShapeGroups) return undefined;
    return this.#intern({ origins: this.#outside.slice(0, sets.length), sets: [...sets] }, [], 0);
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

  /** The one byte that can follow and the state after it; undefined where there are several or none. */
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
    // Not made before the steps, which may forget it.
    column.inside ??= new Map();
    column.inside.set(child, state);
    this.#held += columnCost;
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
    return this.#intern(groups, exits, depth);
  }

  /** Adds what is open to the groups of the column at hand, and slots in which a frame ends to `work`. */
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
   * What is open once a frame that began at `origin` has ended. Where that is one more end and nothing else, what comes of that
   * (Leo's topmost item): chains of ends cost one step.
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
    this.#held += columnCost * chain.length + 2 * groups.sets.length;
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

  #intern(closed: Groups, exits: readonly Exit[], depth: number): Column {
    const groups = withBodies(closed);
    let key = '';
    for (const { outside, frame } of exits) key += `${outside}!${frame},`;
    for (let i = 0; i < groups.sets.length; i++)
      key += `${groups.origins[i].id}:${groups.sets[i].id},`;
    const known = this.#columns.get(key);
    if (known) return known;
    if (this.#held + this.#sets.held > maxHeld) this.#forget();
    let begun: ItemSet | undefined;
    for (const { called } of groups.sets)
      if (called) begun = begun ? this.#sets.union(begun, called) : called;
    const column = this.#newColumn(groups, begun, exits, depth);
    this.#columns.set(key, column);
    return column;
  }

  #newColumn(
    { origins, sets }: Groups,
    begun: ItemSet | undefined,
    exits: readonly Exit[],
    above: number,
    outside = -1,
  ): Column {
    const cost = columnCost + 4 * sets.length;
    this.#held += cost;
    const depth = above + cost;
    if (depth > maxDepth)
      throw new GrammarLimitError(
        'the text is nested too deep, or too long for a grammar that has to remember all of it. Repeat with * or + instead of recursion',
      );
    return {
      id: this.#nextId++,
      within: undefined,
      origins,
      sets,
      begun,
      exits,
      outside,
      byClass: [],
      inside: undefined,
      returns: undefined,
      afterFrames: undefined,
      depth,
      mark: 0,
      slot: 0,
    };
  }

  #forget(): void {
    for (const column of this.#columns.values()) {
      column.byClass.length = 0;
      column.inside = undefined;
      column.returns = undefined;
      column.afterFrames = undefined;
    }
    this.#columns = new Map();
    this.#sets.forget();
    this.#held = 0;
  }
}

/** Without what has ended, by ascending origin. */
function withBodies({ origins, sets }: Groups): Groups {
  const slots: number[] = [];
  for (let slot = 0; slot < sets.length; slot++) if (sets[slot].body) slots.push(slot);
  if (slots.length > 1) slots.sort((a, b) => origins[a].id - origins[b].id);
  return {
    origins: slots.map((slot) => origins[slot]),
    sets: slots.map((slot) => sets[slot].body!),
  };
}

/** Rules that derive each other end in a circle, all at the same place. */
function isCycle(chain: readonly Return[], at: Return): boolean {
  for (let i = chain.length - 1; i >= 0 && chain[i].origin === at.origin; i--)
    if (chain[i].frame === at.frame) return true;
  return false;
}
