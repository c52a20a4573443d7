import type { Utf8Node } from '../../regex/automaton/alphabet.js';

/** Characters, as bytes, in sorts that several alphabets do not tell apart. */
export interface Sorts {
  /** [sorts], how many characters each has. */
  readonly sizes: readonly number[];
  /** The characters of a sort, letters and digits first. */
  membersOf(sort: number): Iterable<string>;
  sortOf(character: string): number;
}

/** A place in several alphabets at once. */
interface Place {
  /** The target of each byte, as in the alphabets' own nodes: a sort or a further place. */
  readonly children: readonly (Place | number | undefined)[];
  /** How many characters of each sort go on from here. */
  readonly sizes: ReadonlyMap<number, number>;
}

type Child = Utf8Node['children'][number];

/** Keyed by the newest alphabet. A key that all share would keep the others alive. */
const known = new WeakMap<Utf8Node, Map<string, Sorts>>();

/**
 * The sorts of characters that several alphabets tell apart; of the rests of one, where the text
 * ends inside it.
 */
export function sortsOf(alphabets: readonly Utf8Node[]): Sorts {
  const sorted = [...alphabets].sort((a, b) => a.id - b.id);
  const newest = sorted[sorted.length - 1];
  const ofNewest = known.get(newest) ?? new Map<string, Sorts>();
  known.set(newest, ofNewest);
  const key = sorted.map(({ id }) => id).join();
  let sorts = ofNewest.get(key);
  if (!sorts) {
    sorts = findSorts(sorted);
    ofNewest.set(key, sorts);
  }
  return sorts;
}

function findSorts(alphabets: readonly Utf8Node[]): Sorts {
  const finder = new SortFinder();
  const root = finder.placeOf(alphabets)!;
  return {
    sizes: Array.from({ length: finder.count }, (_, sort) => root.sizes.get(sort)!),
    membersOf: (sort) => membersOf(root, sort),
    sortOf: (character) => sortOf(root, character),
  };
}

/**
 * Walks several alphabets side by side. Places and sorts are known by what they are in each
 * alphabet; of one alone, by that itself.
 */
class SortFinder {
  readonly #sorts = new Map<string | number, number>();
  readonly #places = new Map<string | Utf8Node, Place | undefined>();

  /** Sorts found. */
  get count(): number {
    return this.#sorts.size;
  }

  placeOf(nodes: readonly Utf8Node[]): Place | undefined {
    const key = nodes.length === 1 ? nodes[0] : nodes.map(({ id }) => id).join();
    if (this.#places.has(key)) return this.#places.get(key);
    const place = this.#findPlace(nodes);
    this.#places.set(key, place);
    return place;
  }

  #findPlace(nodes: readonly Utf8Node[]): Place | undefined {
    const { length } = nodes[0].children;
    const children: (Place | number | undefined)[] = new Array(length).fill(undefined);
    const sizes = new Map<number, number>();
    for (const i of orderOf(length)) {
      const child = this.#childOf(nodes.map((node) => node.children[i]));
      if (child === undefined) continue;
      children[i] = child;
      if (typeof child === 'number') sizes.set(child, (sizes.get(child) ?? 0) + 1);
      else for (const [sort, size] of child.sizes) sizes.set(sort, (sizes.get(sort) ?? 0) + size);
    }
    return sizes.size === 0 ? undefined : { children, sizes };
  }

  #childOf(children: readonly Child[]): Place | number | undefined {
    if (children.every((child) => typeof child === 'object')) return this.placeOf(children);
    if (!children.every((child) => typeof child === 'number')) return undefined;
    const key = children.length === 1 ? children[0] : children.join();
    const sort = this.#sorts.get(key) ?? this.#sorts.size;
    this.#sorts.set(key, sort);
    return sort;
  }
}

function* membersOf({ children }: Place, sort: number): Iterable<string> {
  const offset = offsetOf(children.length);
  for (const i of orderOf(children.length)) {
    const child = children[i];
    const first = String.fromCharCode(offset + i);
    if (child === sort) yield first;
    else if (typeof child === 'object' && child.sizes.has(sort))
      for (const rest of membersOf(child, sort)) yield first + rest;
  }
}

function sortOf(root: Place, character: string): number {
  let at: Place | number | undefined = root;
  for (let i = 0; i < character.length && typeof at === 'object'; i++)
    at = at.children[character.charCodeAt(i) - offsetOf(at.children.length)];
  return at as number;
}

/** The first byte that a node's children are of. */
function offsetOf(length: number): number {
  return length === 256 ? 0 : 0x80;
}

function orderOf(length: number): readonly number[] {
  return length === 256 ? readable : continuations;
}

const continuations = Array.from({ length: 64 }, (_, i) => i);
/** First bytes, what people type before what needs an escape. */
const readable = Array.from({ length: 256 }, (_, byte) => byte).sort(
  (a, b) => rankOf(a) - rankOf(b) || a - b,
);

function rankOf(byte: number): number {
  const character = String.fromCharCode(byte);
  if (/[a-z]/.test(character)) return 0;
  if (/[0-9]/.test(character)) return 1;
  if (/[A-Z]/.test(character)) return 2;
  if (byte >= 0x20 && byte < 0x7f && !/["\\]/.test(character)) return 3;
  return byte >= 0x80 ? 4 : 5;
}
