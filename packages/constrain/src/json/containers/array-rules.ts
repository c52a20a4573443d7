import type { Atom } from '../formula/atoms.js';
import { conjunctions, type Literal } from '../formula/conjunctions.js';
import { atLeast, atMost, contains } from '../formula/counted-atoms.js';
import { always, type Formula, type Formulas, never } from '../formula/formula.js';
import type { ItemsRule } from '../formula/items-rule.js';
import { pending } from '../formula/pending.js';
import { type Item, type SeenItems, withItem } from '../sets/seen-items.js';
import { areEnough, hasValues, type ItemCounts, neededLater } from './distinct-items.js';

export interface ArrayJudge extends ItemCounts {
  readonly isSatisfiable: (value: Formula) => boolean;
}

interface ItemsPlace {
  readonly rule: ItemsRule;
  /** The formula of the next item. */
  readonly index: number;
}

interface Further {
  /** How many follow. */
  readonly least: number;
  readonly most: number;
  readonly items: readonly ItemsPlace[];
  readonly searched: readonly Extract<Atom, { type: 'contains' }>[];
  readonly isUnique: boolean;
  readonly seen: SeenItems | undefined;
}

/** Items that are looked ahead. */
const maxAhead = 1_000;

/** Formulas about arrays. */
export class ArrayRules {
  constructor(readonly judge: ArrayJudge) {}

  isViable(goal: Formula): boolean {
    if (goal === always) return true;
    if (goal === never) return false;
    return conjunctions(goal).some((literals) => this.#canEnd(literals));
  }

  /** The formula that is left once an item begins. What the item's value decides is pending. */
  beforeItem(formula: Formula): Formula {
    const { formulas } = this.judge;
    return formulas.map(formula, (atom, same) => {
      switch (atom.type) {
        case 'items': {
          const { rule, index } = atom;
          return pending(formulas, rule.demand(index), rule.atom(formulas, index + 1), never);
        }
        case 'contains': {
          const { item, least, most } = atom;
          return pending(formulas, item, contains(formulas, item, least - 1, most - 1), same);
        }
        case 'unique':
          return pending(formulas, unseen(formulas, atom.items), same, never);
        case 'atLeast':
          return atLeast(formulas, atom.left - 1);
        case 'atMost':
          return atMost(formulas, atom.left - 1);
        default:
          return same;
      }
    });
  }

  /** The formula that is left of `uniqueItems` once an item is finished. */
  afterItem(formula: Formula, item: Item): Formula {
    const { formulas } = this.judge;
    return formulas.map(formula, (atom, same) => {
      if (atom.type !== 'unique') return same;
      return atom.items?.all.find(item.canonical)
        ? never
        : unique(formulas, withItem(atom.items, item));
    });
  }

  /** Always or never (or late), where the array ends. */
  end(formula: Formula): Formula {
    return this.judge.formulas.map(formula, (atom, same) => {
      switch (atom.type) {
        case 'atLeast':
          return never;
        case 'contains':
          return atom.least === 0 ? always : never;
        case 'items':
        case 'unique':
        case 'atMost':
          return always;
        default:
          return same;
      }
    });
  }

  /**
   * What an item must not be, so that enough different values are left for those that must follow.
   * @param goal what is left of the array once the item is there, one way of it
   */
  neededLater(goal: Formula): Formula {
    const [literals, ...others] = goal === always || goal === never ? [] : conjunctions(goal);
    if (!literals || others.length > 0) return never;
    const { items, least, seen, isUnique } = further(literals);
    // If all places are alike, they were counted with this one.
    if (!isUnique || least === 0 || items.every(({ rule, index }) => rule.first.length < index))
      return never;
    const { first, rest, count, unlike } = this.#placesAhead(items, least, seen);
    return neededLater(this.judge, first, rest, least, count, unlike);
  }

  /** Whether some further items satisfy all literals, as far as each item can be judged alone. */
  #canEnd(literals: readonly Literal[]): boolean {
    const { least, most, items, searched, seen, isUnique } = further(literals);
    if (least > most || !this.#hasItems(items, searched, least, most)) return false;
    if (!isUnique || least === 0 || (least === 1 && !seen)) return true;
    return this.#areDistinct(items, searched, least, seen);
  }

  /** Whether there are as many different values as items are needed. */
  #areDistinct(
    items: readonly ItemsPlace[],
    searched: readonly Extract<Atom, { type: 'contains' }>[],
    least: number,
    seen: SeenItems | undefined,
  ): boolean {
    const { judge } = this;
    const { formulas } = judge;
    // An item that is searched for may come after the places that must follow.
    const isSearched = searched.some(({ least: needed }) => needed > 0);
    const places = isSearched ? maxAhead : least;
    const { first, rest, count, unlike } = this.#placesAhead(items, places, seen);
    if (!areEnough(judge, first, rest, least, count, unlike)) return false;
    return searched.every(({ item, least: needed }) => {
      const here = formulas.and([formulas.or([...first, rest]), item]);
      return needed === 0 || hasValues(judge, here, needed, count, unlike);
    });
  }

  /**
   * Formulas of the next places, up to `most`, then of all others, and of what differs from the
   * items so far.
   */
  #placesAhead(items: readonly ItemsPlace[], most: number, seen: SeenItems | undefined) {
    const { formulas } = this.judge;
    const ahead = Math.max(0, ...items.map(({ rule, index }) => rule.first.length - index));
    const demandAt = (at: number) =>
      formulas.and(items.map(({ rule, index }) => rule.demand(index + at)));
    const first = Array.from({ length: Math.min(ahead, most, maxAhead) }, (_, at) => demandAt(at));
    const rest = demandAt(ahead);
    return { first, rest, count: seen?.all.size ?? 0, unlike: unseen(formulas, seen) };
  }

  #hasItems(
    items: readonly ItemsPlace[],
    searched: readonly Extract<Atom, { type: 'contains' }>[],
    least: number,
    most: number,
  ): boolean {
    const { formulas, isSatisfiable } = this.judge;
    const missing = searched.map(({ least: needed }) => needed);
    const isFound = () => missing.every((needed) => needed <= 0);
    for (let at = 0; at < Math.min(most, maxAhead); at++) {
      if (at >= least && isFound()) return true;
      const demand = formulas.and(items.map(({ rule, index }) => rule.demand(index + at)));
      if (!isSatisfiable(demand)) return false;
      const isHere = searched.map(({ item }) => isSatisfiable(formulas.and([demand, item])));
      for (const [i, here] of isHere.entries()) if (here) missing[i]--;
      // From here on all items are asked for the same.
      if (items.every(({ rule, index }) => index + at >= rule.first.length))
        return missing.every((needed, i) => needed <= 0 || (isHere[i] && at + 1 + needed <= most));
    }
    return isFound();
  }
}

/** Requirements of literals on the items that follow. */
function further(literals: readonly Literal[]): Further {
  let least = 0;
  let most = Number.POSITIVE_INFINITY;
  const items: ItemsPlace[] = [];
  const searched: Extract<Atom, { type: 'contains' }>[] = [];
  let isBroken = false;
  let seen: SeenItems | undefined;
  let isUnique = false;
  for (const { formula, positive } of literals) {
    const atom = formula.atom!;
    if (atom.type === 'atLeast') {
      if (positive) least = Math.max(least, atom.left);
      else most = Math.min(most, atom.left - 1);
    } else if (atom.type === 'atMost') {
      if (positive) most = Math.min(most, atom.left);
      else least = Math.max(least, atom.left + 1);
    } else if (atom.type === 'items' && positive) items.push(atom);
    else if (atom.type === 'contains' && positive) searched.push(atom);
    else if (atom.type === 'unique' && positive) {
      isUnique = true;
      seen = atom.items;
    } else if (atom.type === 'items' || atom.type === 'contains' || atom.type === 'unique')
      isBroken = true;
  }
  for (const { least: needed } of searched) least = Math.max(least, needed);
  // A broken rule is broken by a further item, or (an item that is searched for) already by the
  // end.
  if (isBroken && literals.some(({ formula, positive }) => !positive && needsItem(formula)))
    least = Math.max(least, 1);
  return { least, most, items, searched, isUnique, seen };
}

function needsItem(formula: Formula): boolean {
  const { atom } = formula;
  if (atom?.type === 'items' || atom?.type === 'unique') return true;
  return atom?.type === 'contains' && atom.least === 0;
}

function unique(formulas: Formulas, items: SeenItems): Formula {
  return formulas.atom(`u${items.id}`, () => ({ type: 'unique', items }));
}

function unseen(formulas: Formulas, items: SeenItems | undefined): Formula {
  return items ? formulas.atom(`v${items.id}`, () => ({ type: 'unseen', items })) : always;
}
