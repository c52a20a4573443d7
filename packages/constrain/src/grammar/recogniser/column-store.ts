import type { ItemSet, ItemSets } from '../network/item-set.js';
import { GrammarLimitError } from '../rules/grammar-error.js';
import type { Column, Exit, Groups } from './column.js';

/** Entries of about 8 bytes that all known columns and item sets may hold: 64 MB. */
const defaultMaxHeld = 8_000_000;
/** Entries that the columns on the way to one text may hold. */
const maxDepth = 30_000_000;
/**
 * Entries that a column holds apart from its groups, and about what a fact kept with a column
 * holds.
 */
const columnCost = 50;

/**
 * Holds each column once. When it holds too much it forgets all columns, and all that is kept with
 * them: they are still valid, but equal columns that are made later are other objects. `intern` may
 * forget, so what is kept with a column must be set after it.
 */
export class ColumnStore {
  /**
   * Columns of which nothing is known, as origins. The whole text (frame 0) begins in the first.
   */
  readonly placeholders: readonly Column[];
  readonly #sets: ItemSets;
  readonly #maxHeld: number;
  #columns = new Map<string, Column>();
  #held = 0;
  #nextId = 0;

  /**
   * @param placeholders how many are made: origins that a shape may have
   * @param maxHeld entries of about 8 bytes before it forgets
   */
  constructor(sets: ItemSets, placeholders: number, maxHeld = defaultMaxHeld) {
    this.#sets = sets;
    this.#maxHeld = maxHeld;
    this.placeholders = Array.from({ length: placeholders }, (_, index) =>
      this.#create({ origins: [], sets: [] }, undefined, [], 0, index),
    );
  }

  /**
   * @param exits frames that end here and began at a placeholder
   * @param above entries that the columns on the way here hold
   * @throws GrammarLimitError if these are too many
   */
  intern(closed: Groups, exits: readonly Exit[], above: number): Column {
    const groups = withBodies(closed);
    let key = '';
    for (const { outside, frame } of exits) key += `${outside}!${frame},`;
    for (let i = 0; i < groups.sets.length; i++)
      key += `${groups.origins[i].id}:${groups.sets[i].id},`;
    const known = this.#columns.get(key);
    if (known) return known;
    if (this.#held + this.#sets.held > this.#maxHeld) this.#forget();
    let begun: ItemSet | undefined;
    for (const { called } of groups.sets)
      if (called) begun = begun ? this.#sets.union(begun, called) : called;
    const column = this.#create(groups, begun, exits, above);
    this.#columns.set(key, column);
    return column;
  }

  /**
   * The column with the same open places and placeholders as origins. What can follow it can follow
   * all columns that look like it. Undefined if more origins are open than there are placeholders.
   */
  shape({ sets }: Column): Column | undefined {
    if (sets.length > this.placeholders.length) return undefined;
    return this.intern(
      { origins: this.placeholders.slice(0, sets.length), sets: [...sets] },
      [],
      0,
    );
  }

  /** Counts what is kept with columns besides their groups. */
  charge(facts: number, groups = 0): void {
    this.#held += columnCost * facts + 2 * groups;
  }

  #create(
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

/** Leaves out what has ended, and sorts by origin. */
function withBodies({ origins, sets }: Groups): Groups {
  const slots: number[] = [];
  for (let slot = 0; slot < sets.length; slot++) if (sets[slot].body) slots.push(slot);
  if (slots.length > 1) slots.sort((a, b) => origins[a].id - origins[b].id);
  return {
    origins: slots.map((slot) => origins[slot]),
    sets: slots.map((slot) => sets[slot].body!),
  };
}
