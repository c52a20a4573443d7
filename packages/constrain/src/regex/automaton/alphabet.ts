import { type CharSet, illFormed, lastCodePoint } from '../syntax/char-set.js';

/**
 * The code points of a pattern in classes that none of its sets tells apart, as a decoder of UTF-8:
 * the automaton is over classes, the texts are bytes.
 */
export interface Alphabet {
  /** [classes], ids of the sets that hold the class. */
  readonly members: readonly (readonly number[])[];
  /** [classes], code points of the class. */
  readonly codePoints: readonly CharSet[];
  /** Class of bytes that are not UTF-8. */
  readonly illFormed: number;
  /** The node at which a character begins. */
  readonly root: Utf8Node;
}

/** A place inside a character. Nodes with the same continuation are one object. */
export interface Utf8Node {
  /** Unique to this node, ascending in order of creation. */
  readonly id: number;
  /**
   * [256] for the root, [64] for continuation bytes 0x80 to 0xBF: a class, a further node, or
   * undefined where UTF-8 does not go on.
   */
  readonly children: readonly (Utf8Node | number | undefined)[];
  /** Classes reachable below. */
  readonly classes: readonly number[];
}

let nodes = 0;
/** Segments x overlapping sets of the costliest alphabet. */
const maxWork = 20_000_000;

/** @param tooLarge throws the error for patterns with too many overlapping sets */
export function buildAlphabet(sets: readonly CharSet[], tooLarge: () => never): Alphabet {
  const { starts, classes, members } = partition(sets, tooLarge);
  return {
    members,
    codePoints: codePointsOf(starts, classes, members.length),
    illFormed: classes[classes.length - 1],
    root: new Utf8Builder(starts, classes).root(),
  };
}

function codePointsOf(
  starts: readonly number[],
  classes: readonly number[],
  count: number,
): CharSet[] {
  const codePoints: number[][] = Array.from({ length: count }, () => []);
  for (let i = 0; i + 1 < starts.length; i++)
    codePoints[classes[i]].push(starts[i], starts[i + 1] - 1);
  return codePoints;
}

/**
 * Cuts the code points, and `illFormed` as the last, where any set begins or ends; stretches in the
 * same sets are one class.
 */
function partition(sets: readonly CharSet[], tooLarge: () => never) {
  const changes = new Map<number, { enter: number[]; leave: number[] }>();
  const at = (codePoint: number) => {
    const known = changes.get(codePoint);
    if (known) return known;
    const created = { enter: [], leave: [] };
    changes.set(codePoint, created);
    return created;
  };
  at(0);
  at(illFormed);
  for (const [id, set] of sets.entries()) {
    for (let i = 0; i < set.length; i += 2) {
      at(set[i]).enter.push(id);
      at(set[i + 1] + 1).leave.push(id);
    }
  }
  const inside = new Set<number>();
  const classIds = new Map<string, number>();
  const members: number[][] = [];
  const starts: number[] = [];
  const classes: number[] = [];
  let work = 0;
  for (const start of [...changes.keys()].sort((a, b) => a - b)) {
    for (const id of changes.get(start)!.leave) inside.delete(id);
    for (const id of changes.get(start)!.enter) inside.add(id);
    if (start > illFormed) break;
    work += inside.size;
    if (work > maxWork) tooLarge();
    const sorted = [...inside].sort((a, b) => a - b);
    const key = sorted.join();
    let id = classIds.get(key);
    if (id === undefined) {
      id = members.push(sorted) - 1;
      classIds.set(key, id);
    }
    starts.push(start);
    classes.push(id);
  }
  return { starts, classes, members };
}

class Utf8Builder {
  readonly #nodes = new Map<string, Utf8Node>();

  constructor(
    readonly starts: readonly number[],
    readonly classes: readonly number[],
  ) {}

  root(): Utf8Node {
    const children: (Utf8Node | number | undefined)[] = new Array(256).fill(undefined);
    for (let byte = 0; byte < 0x80; byte++) children[byte] = this.classes[this.#segment(byte)];
    // C0, C1 and F5 to FF never occur.
    for (let byte = 0xc2; byte < 0xe0; byte++)
      children[byte] = this.#below((byte & 0x1f) << 6, 1, 0x80);
    for (let byte = 0xe0; byte < 0xf0; byte++)
      children[byte] = this.#below((byte & 0x0f) << 12, 2, 0x800);
    for (let byte = 0xf0; byte < 0xf5; byte++)
      children[byte] = this.#below((byte & 0x07) << 18, 3, 0x10000);
    return this.#intern(children);
  }

  /**
   * What follows a prefix of a character: `left` bytes, which spell `first` and the code points
   * after it. Spellings of code points below `shortest` (overlong), of surrogates and beyond
   * Unicode are not UTF-8.
   */
  #below(first: number, left: number, shortest: number): Utf8Node | number | undefined {
    const last = first + 64 ** left - 1;
    if (last < shortest || first > lastCodePoint || (first >= 0xd800 && last <= 0xdfff))
      return undefined;
    const segment = this.#segment(first);
    if (left === 0) return this.classes[segment];
    const uniform =
      first >= shortest &&
      last <= lastCodePoint &&
      (last < 0xd800 || first > 0xdfff) &&
      segment === this.#segment(last);
    const key = `all ${this.classes[segment]}, ${left} bytes`;
    if (uniform && this.#nodes.has(key)) return this.#nodes.get(key);
    const node = this.#intern(
      Array.from({ length: 64 }, (_, i) =>
        this.#below(first + i * 64 ** (left - 1), left - 1, shortest),
      ),
    );
    if (uniform) this.#nodes.set(key, node);
    return node;
  }

  /** Index of the stretch that holds a code point. */
  #segment(codePoint: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= codePoint) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #intern(children: (Utf8Node | number | undefined)[]): Utf8Node {
    const key = children
      .map((child) => (typeof child === 'object' ? `n${child.id}` : child))
      .join();
    const known = this.#nodes.get(key);
    if (known) return known;
    const classes = new Set<number>();
    for (const child of children)
      if (typeof child === 'number') classes.add(child);
      else for (const below of child?.classes ?? []) classes.add(below);
    const node = { id: nodes++, children, classes: [...classes] };
    this.#nodes.set(key, node);
    return node;
  }
}
