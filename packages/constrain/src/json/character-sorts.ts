import type { Utf8Node } from '../regex/alphabet.js';

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
  /** Bytes that may come, with where they lead. */
  readonly children: readonly (readonly [byte: number, child: Place | number])[];
  /** How many characters of each sort go on from here. */
  readonly sizes: ReadonlyMap<number, number>;
}

const known = new WeakMap<Utf8Node, Map<string, Sorts>>();
const ids = new WeakMap<Utf8Node, number>();
let count = 0;

/** The sorts of characters that several alphabets tell apart; of the rests of one, where the text ends inside of it. */
export function sortsOf(alphabets: readonly Utf8Node[]): Sorts {
  const ofFirst = known.get(alphabets[0]) ?? new Map<string, Sorts>();
  known.set(alphabets[0], ofFirst);
  const key = keyOf(alphabets);
  let sorts = ofFirst.get(key);
  if (!sorts) {
    sorts = findSorts(alphabets);
    ofFirst.set(key, sorts);
  }
  return sorts;
}

function keyOf(nodes: readonly Utf8Node[]): string {
  return nodes.map(idOf).join();
}

function idOf(node: Utf8Node): number {
  const id = ids.get(node) ?? count++;
  ids.set(node, id);
  return id;
}

function findSorts(alphabets: readonly Utf8Node[]): Sorts {
  const sortIds = new Map<string, number>();
  const places = new Map<string, Place | undefined>();
  const placeOf = (nodes: readonly Utf8Node[]): Place | undefined => {
    const key = keyOf(nodes);
    if (places.has(key)) return places.get(key);
    const place = findPlace(nodes, childOf);
    places.set(key, place);
    return place;
  };
  const childOf = (
    children: readonly Utf8Node['children'][number][],
  ): Place | number | undefined => {
    if (children.every((child) => typeof child === 'object')) return placeOf(children);
    if (!children.every((child) => typeof child === 'number')) return undefined;
    const key = children.join();
    const id = sortIds.get(key) ?? sortIds.size;
    sortIds.set(key, id);
    return id;
  };
  const root = placeOf(alphabets)!;
  return {
    sizes: Array.from(sortIds.values(), (sort) => root.sizes.get(sort)!),
    membersOf: (sort) => membersOf(root, sort),
    sortOf: (character) => sortOf(root, character),
  };
}

function findPlace(
  nodes: readonly Utf8Node[],
  childOf: (children: readonly Utf8Node['children'][number][]) => Place | number | undefined,
): Place | undefined {
  const { length } = nodes[0].children;
  const children: [number, Place | number][] = [];
  const sizes = new Map<number, number>();
  for (const i of length === 256 ? readable : continuations) {
    const child = childOf(nodes.map((node) => node.children[i]));
    if (child === undefined) continue;
    children.push([length === 256 ? i : 0x80 + i, child]);
    if (typeof child === 'number') sizes.set(child, (sizes.get(child) ?? 0) + 1);
    else for (const [sort, size] of child.sizes) sizes.set(sort, (sizes.get(sort) ?? 0) + size);
  }
  return children.length === 0 ? undefined : { children, sizes };
}

function* membersOf(place: Place, sort: number): Iterable<string> {
  for (const [byte, child] of place.children) {
    const first = String.fromCharCode(byte);
    if (child === sort) yield first;
    else if (typeof child === 'object' && child.sizes.has(sort))
      for (const rest of membersOf(child, sort)) yield first + rest;
  }
}

function sortOf(root: Place, character: string): number {
  let at: Place | number | undefined = root;
  for (let i = 0; i < character.length && typeof at === 'object'; i++) {
    const next: number = character.charCodeAt(i);
    at = at.children.find(([byte]) => byte === next)?.[1];
  }
  return at as number;
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
