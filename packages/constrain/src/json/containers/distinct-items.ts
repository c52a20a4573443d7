import type { Formula, Formulas } from '../formula/formula.js';

/** Items that come next with a schema of their own, of which each selection is looked at. */
const maxFirst = 3;

/** Dependencies of the rules for unique items. */
export interface ItemCounts {
  readonly formulas: Formulas;
  /** How many values satisfy a formula, `most` at most. */
  readonly count: (value: Formula, most: number) => number;
}

/**
 * Whether there are so many different values that an array can go on by `least` items, none of
 * which was there. By Hall's theorem: any places together have as many values to choose from.
 * @param first what the next places ask, where they differ from `rest`
 * @param unseen what is none of the `seen` values that were there
 */
export function areEnough(
  counts: ItemCounts,
  first: readonly Formula[],
  rest: Formula,
  least: number,
  seen: number,
  unseen: Formula,
): boolean {
  const { formulas } = counts;
  const next = first.slice(0, least);
  const others = least - next.length;
  const selections = next.length > maxFirst ? [[], next] : subsetsOf(next);
  return selections.every((selection) => {
    const isEnough = (demands: readonly Formula[], needed: number) =>
      needed === 0 || hasValues(counts, formulas.or(demands), needed, seen, unseen);
    if (!isEnough(selection, selection.length)) return false;
    return others === 0 || isEnough([...selection, rest], selection.length + others);
  });
}

/**
 * What the item before some places must not be: the values of places that have no more of them than
 * they need. The parameters are those of `areEnough`.
 */
export function neededLater(
  counts: ItemCounts,
  first: readonly Formula[],
  rest: Formula,
  least: number,
  seen: number,
  unseen: Formula,
): Formula {
  const { formulas } = counts;
  const next = first.slice(0, least);
  const others = least - next.length;
  // For many places the question would be asked again at each, which takes long.
  if (next.length > maxFirst) return formulas.or([]);
  const groups = subsetsOf(next).flatMap((selection) => [
    { demands: selection, needed: selection.length },
    ...(others > 0 ? [{ demands: [...selection, rest], needed: selection.length + others }] : []),
  ]);
  const scarce = groups.filter(
    ({ demands, needed }) =>
      needed > 0 && !hasValues(counts, formulas.or(demands), needed + 1, seen, unseen),
  );
  return formulas.or(scarce.flatMap(({ demands }) => demands));
}

/** Whether `needed` values satisfy a demand that were not there. */
export function hasValues(
  { formulas, count }: ItemCounts,
  demand: Formula,
  needed: number,
  seen: number,
  unseen: Formula,
): boolean {
  // Mostly all that were there satisfy the demand, which is the same for all items.
  if (count(demand, needed + seen) >= needed + seen) return true;
  return count(formulas.and([demand, unseen]), needed) >= needed;
}

function subsetsOf(list: readonly Formula[]): Formula[][] {
  return Array.from({ length: 2 ** list.length }, (_, bits) =>
    list.filter((_, i) => ((bits >> i) & 1) === 1),
  );
}
