import { fromBytes, sortedBytes, toBytes } from '../formula/word-list.js';
import { MarkedTrie } from '../sets/marked-trie.js';
import type { NameSet } from '../sets/name-set.js';
import type { Members } from './members.js';
import type { ObjectCase } from './object-case.js';
import { type ObjectShape, unlisted } from './object-shape.js';

/** Names that are allowed, and under which terms. */
interface Allowed {
  readonly required: NameSet | undefined;
  /** Whether there is room for the required names only. */
  readonly isFull: boolean;
  /** In a fixed order, the place that cannot be passed before its member is there. */
  readonly limit: number;
  readonly names: MarkedTrie;
}

/**
 * The names asked for or with a value of their own, and those that are taken where others may come:
 * those are right that may come next, apart from what `notAll` forbids. Made of what was allowed
 * before the last member where only that member has changed it.
 */
export function allowedNames(way: ObjectCase): MarkedTrie {
  const { shape, members, required, judge } = way;
  const isFull = (required?.size ?? 0) + 1 > way.most;
  const limit = judge.isOrdered && required ? shape.firstPlace(required) : unlisted;
  if (judge.isAsking()) return findNames(way, isFull, limit);
  const known = members.allowed.get(shape) as Allowed | undefined;
  const isSame = (allowed: Allowed, then: NameSet | undefined) =>
    allowed.required === then && allowed.isFull === isFull && allowed.limit === limit;
  if (known && isSame(known, required)) return known.names;
  const earlier = members.before?.allowed.get(shape) as Allowed | undefined;
  const names =
    earlier && isSame({ ...earlier, required: earlier.required?.without(members.last!) }, required)
      ? withoutLast(earlier.names, shape, members, judge.isOrdered)
      : findNames(way, isFull, limit);
  members.allowed.set(shape, { required, isFull, limit, names } satisfies Allowed);
  return names;
}

/** Without the last member and, in a fixed order, what it passed. */
function withoutLast(
  earlier: MarkedTrie,
  shape: ObjectShape,
  { last, before }: Members,
  isOrdered: boolean,
): MarkedTrie {
  let names = earlier.with(toBytes(last!), false);
  if (!isOrdered) return names;
  const { listed } = shape;
  const passed = before!.last === undefined ? -1 : (shape.placeOf(before!.last) ?? listed.length);
  const place = shape.placeOf(last!) ?? listed.length;
  for (let at = passed + 1; at < place; at++) names = names.with(toBytes(listed[at]), false);
  return names;
}

function findNames(way: ObjectCase, isFull: boolean, limit: number): MarkedTrie {
  const { shape, members, required } = way;
  const isAllowed = (name: string) => way.admits(name) && (!isFull || required!.has(name));
  let words: readonly string[];
  if (limit < unlisted) {
    // Names listed after the limit cannot come, and neither can others.
    const { listed } = shape;
    words = sortedBytes(isFull ? [listed[limit]] : listed.slice(way.passed + 1, limit + 1));
  } else if (isFull) words = sortedBytes(required ?? []);
  else if (required || members.before)
    words = sortedBytes([...way.candidates(), ...members.names()]);
  else words = shape.sorted;
  const right = words.map((word) => isAllowed(fromBytes(word)));
  return MarkedTrie.of(words, right.every(Boolean) ? undefined : (index) => right[index]);
}
