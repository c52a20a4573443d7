/** The words of a list from `low` to `high` - 1, which agree in their first `depth` bytes. */
interface Range {
  readonly words: readonly string[];
  readonly isRight: ((index: number) => boolean) | undefined;
  readonly low: number;
  readonly high: number;
  readonly depth: number;
}

/**
 * Words, as bytes of UTF-8 with one UTF-16 unit a byte, each of them right or wrong: a tree over
 * the bytes, a stretch without a branch in one node. Immutable: a trie with one more word shares
 * all but the way to it, so that what is known of the rest stays known.
 */
export class MarkedTrie {
  #children: readonly MarkedTrie[] | undefined;
  /** The words below, until they are asked for. */
  #range: Range | undefined;
  /** Facts that users of the trie keep with a node, by a key of their own. */
  kept: Map<number, unknown> | undefined;

  /**
   * @param label bytes from the parent to here; empty at the root only
   * @param isRight of the word that ends here; undefined if none does
   * @param size words here and below
   * @param rightSize how many of them are right
   * @param below children in the order of their bytes
   */
  constructor(
    readonly label: string,
    readonly isRight: boolean | undefined,
    readonly size: number,
    readonly rightSize: number,
    below: readonly MarkedTrie[] | Range,
  ) {
    if ('words' in below) this.#range = below;
    else this.#children = below;
  }

  /**
   * @param words ascending, each once
   * @param isRight of a word, by its index; absent: all are
   */
  static of(words: readonly string[], isRight?: (index: number) => boolean): MarkedTrie {
    return words.length === 0
      ? emptyTrie
      : ofRange({ words, isRight, low: 0, high: words.length, depth: 0 }, 0);
  }

  get children(): readonly MarkedTrie[] {
    if (this.#range) {
      this.#children = childrenOf(this.#range);
      this.#range = undefined;
    }
    return this.#children!;
  }

  /** The child that goes on with a byte. */
  child(byte: number): MarkedTrie | undefined {
    const child = this.children[placeOf(this.children, byte)];
    return child?.label.charCodeAt(0) === byte ? child : undefined;
  }

  /** Whether the word is right; undefined if it is none of them. */
  find(word: string): boolean | undefined {
    let node: MarkedTrie = this;
    for (let at = 0; at < word.length; ) {
      const child = node.child(word.charCodeAt(at));
      if (!child || !word.startsWith(child.label, at)) return undefined;
      at += child.label.length;
      node = child;
    }
    return node.isRight;
  }

  /** How many words come before a string in the order of bytes. */
  rank(word: string): number {
    let node: MarkedTrie = this;
    let before = 0;
    for (let at = 0; ; ) {
      if (at === word.length) return before;
      if (node.isRight !== undefined) before++;
      const place = placeOf(node.children, word.charCodeAt(at));
      for (let i = 0; i < place; i++) before += node.children[i].size;
      const child = node.children[place];
      if (!child) return before;
      const rest = word.slice(at, at + child.label.length);
      if (child.label !== rest) return child.label < rest ? before + child.size : before;
      at += child.label.length;
      node = child;
    }
  }

  /** With the word as right or wrong. */
  with(word: string, isRight: boolean): MarkedTrie {
    return this.#with(word, 0, isRight);
  }

  #with(word: string, from: number, isRight: boolean): MarkedTrie {
    if (from === word.length)
      return this.isRight === isRight ? this : node(this.label, isRight, this.children);
    const place = placeOf(this.children, word.charCodeAt(from));
    const child = this.children[place];
    if (child?.label.charCodeAt(0) !== word.charCodeAt(from)) {
      const leaf = node(word.slice(from), isRight, []);
      return node(this.label, this.isRight, this.children.toSpliced(place, 0, leaf));
    }
    const common = commonLength(child.label, word, from);
    const top = common === child.label.length ? child : child.#cut(common);
    const changed = top.#with(word, from + common, isRight);
    if (changed === child) return this;
    return node(this.label, this.isRight, this.children.with(place, changed));
  }

  /** Splits it in two nodes, the first with this many bytes of the label. */
  #cut(length: number): MarkedTrie {
    const rest = node(this.label.slice(length), this.isRight, this.children);
    return node(this.label.slice(0, length), undefined, [rest]);
  }
}

export const emptyTrie = new MarkedTrie('', undefined, 0, 0, []);

function node(
  label: string,
  isRight: boolean | undefined,
  children: readonly MarkedTrie[],
): MarkedTrie {
  let size = isRight === undefined ? 0 : 1;
  let rightSize = isRight ? 1 : 0;
  for (const child of children) {
    size += child.size;
    rightSize += child.rightSize;
  }
  return new MarkedTrie(label, isRight, size, rightSize, children);
}

/** A node for the words of a range. @param from bytes up to the parent; the root has no label */
function ofRange({ words, isRight, low, high }: Range, from: number, isRoot = true): MarkedTrie {
  const first = words[low];
  const depth = isRoot ? 0 : from + commonLength(first.slice(from), words[high - 1], from);
  const ends = first.length === depth;
  let right = high - low;
  if (isRight) {
    right = 0;
    for (let at = low; at < high; at++) if (isRight(at)) right++;
  }
  const own = ends ? (isRight?.(low) ?? true) : undefined;
  const below = { words, isRight, low: ends ? low + 1 : low, high, depth };
  return new MarkedTrie(first.slice(from, depth), own, high - low, right, below);
}

function childrenOf(range: Range): MarkedTrie[] {
  const { words, high, depth } = range;
  const children: MarkedTrie[] = [];
  for (let low = range.low; low < high; ) {
    const end = endOf(words, low, high, depth);
    children.push(ofRange({ ...range, low, high: end }, depth, false));
    low = end;
  }
  return children;
}

/** Behind the last word with the byte at `depth` that word `low` has. */
function endOf(words: readonly string[], low: number, high: number, depth: number): number {
  const byte = words[low].charCodeAt(depth);
  let from = low + 1;
  let to = high;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (words[middle].charCodeAt(depth) === byte) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The first child whose byte is at least `byte`. */
function placeOf(children: readonly MarkedTrie[], byte: number): number {
  let from = 0;
  let to = children.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (children[middle].label.charCodeAt(0) < byte) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Bytes in which `label` agrees with what `word` has from `at` on. */
function commonLength(label: string, word: string, at: number): number {
  let length = 0;
  while (length < label.length && label.charCodeAt(length) === word.charCodeAt(at + length))
    length++;
  return length;
}
