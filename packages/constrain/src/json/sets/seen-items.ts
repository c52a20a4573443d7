import type { Kind } from '../schema/kind.js';
import { emptyTrie, type MarkedTrie } from './marked-trie.js';

/** A finished item of an array. */
export interface Item {
  /** Equal for equal values; of null, true and false the kind. */
  readonly canonical: string;
  readonly kind: Kind;
  /** Bytes of a string, text of a number. */
  readonly scalar: string | undefined;
}

/** Items that were there, newest first. */
export interface SeenItems extends Item {
  readonly id: number;
  readonly before: SeenItems | undefined;
  /** The canonical texts of all. */
  readonly all: MarkedTrie;
  readonly kinds: ReadonlySet<Kind>;
  /** The strings among them. */
  readonly strings: MarkedTrie;
}

let count = 0;

export function withItem(before: SeenItems | undefined, item: Item): SeenItems {
  const { all = emptyTrie, strings = emptyTrie } = before ?? {};
  return {
    ...item,
    id: count++,
    before,
    all: all.with(item.canonical, true),
    kinds: before?.kinds.has(item.kind)
      ? before.kinds
      : new Set([...(before?.kinds ?? []), item.kind]),
    strings: item.kind === 'string' ? strings.with(item.scalar!, true) : strings,
  };
}
