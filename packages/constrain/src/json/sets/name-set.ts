const width = 32;
/**
 * Nodes known by their parts. Then the table starts over: equal sets made before and after are two
 * objects.
 */
const maxKnown = 200_000;
/** Sets that are united one by one. */
const fewSets = 8;

/**
 * A set of names. Immutable; equal sets are mostly one object, and sets that differ in one name
 * share nearly all: the names are numbered, and a set is a binary tree over the numbers.
 */
export class NameSet {
  constructor(
    readonly sets: NameSets,
    readonly id: number,
    /** It holds numbers from `base` to `base` + 32 * 2^level - 1. */
    readonly base: number,
    readonly level: number,
    readonly size: number,
    /** At level 0: the numbers from `base` on. */
    readonly bits: number,
    readonly left: NameSet | undefined,
    readonly right: NameSet | undefined,
  ) {}

  has(name: string): boolean {
    const index = this.sets.indexOf(name);
    return index !== undefined && hasIndex(this, index);
  }

  /** Undefined: none is left. */
  without(name: string): NameSet | undefined {
    const index = this.sets.indexOf(name);
    return index === undefined ? this : this.sets.without(this, index);
  }

  *[Symbol.iterator](): Iterator<string> {
    if (this.left) yield* this.left;
    if (this.right) yield* this.right;
    for (let bit = 0; this.level === 0 && bit < width; bit++)
      if ((this.bits >>> bit) & 1) yield this.sets.nameAt(this.base + bit);
  }
}

/** The sets of names that one constraint speaks of. */
export class NameSets {
  readonly #indices = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #known = new Map<string, NameSet>();
  #count = 0;

  of(names: Iterable<string>): NameSet | undefined {
    const indices = new Set(Array.from(names, (name) => this.#number(name)));
    const sorted = [...indices].sort((a, b) => a - b);
    let level = 0;
    while (width * 2 ** level <= (sorted.at(-1) ?? 0)) level++;
    return this.#build(sorted, 0, sorted.length, 0, level);
  }

  nameAt(index: number): string {
    return this.#names[index];
  }

  indexOf(name: string): number | undefined {
    return this.#indices.get(name);
  }

  without(set: NameSet, index: number): NameSet | undefined {
    if (!hasIndex(set, index)) return set;
    if (set.level === 0) return this.#leaf(set.base, set.bits & ~(1 << (index - set.base)));
    const isLeft = index < set.base + width * 2 ** (set.level - 1);
    const left = isLeft ? this.without(set.left!, index) : set.left;
    const right = isLeft ? set.right : this.without(set.right!, index);
    return this.#inner(set.base, set.level, left, right);
  }

  union(a: NameSet | undefined, b: NameSet | undefined): NameSet | undefined {
    if (!a || !b || a === b) return a ?? b;
    if (a.level < b.level) return this.union(b, a);
    if (a.level > b.level) return this.#inner(a.base, a.level, this.union(a.left, b), a.right);
    if (a.level === 0) return this.#leaf(a.base, a.bits | b.bits);
    return this.#inner(a.base, a.level, this.union(a.left, b.left), this.union(a.right, b.right));
  }

  unionOf(sets: readonly NameSet[]): NameSet | undefined {
    if (sets.length > fewSets) return this.of(sets.flatMap((set) => [...set]));
    return sets.reduce<NameSet | undefined>((a, b) => this.union(a, b), undefined);
  }

  /** The names of `a` that are not in `b`. */
  difference(a: NameSet | undefined, b: NameSet | undefined): NameSet | undefined {
    if (!a || a === b) return undefined;
    if (!b) return a;
    if (a.level < b.level) return this.difference(a, b.left);
    if (a.level === 0) return this.#leaf(a.base, a.bits & ~b.bits);
    const [left, right] = a.level > b.level ? [b, undefined] : [b.left, b.right];
    return this.#inner(
      a.base,
      a.level,
      this.difference(a.left, left),
      this.difference(a.right, right),
    );
  }

  #number(name: string): number {
    let index = this.#indices.get(name);
    if (index === undefined) {
      index = this.#names.push(name) - 1;
      this.#indices.set(name, index);
    }
    return index;
  }

  #build(
    indices: readonly number[],
    from: number,
    to: number,
    base: number,
    level: number,
  ): NameSet | undefined {
    if (from === to) return undefined;
    if (level === 0) {
      let bits = 0;
      for (let at = from; at < to; at++) bits |= 1 << (indices[at] - base);
      return this.#leaf(base, bits);
    }
    const middle = base + width * 2 ** (level - 1);
    let split = from;
    while (split < to && indices[split] < middle) split++;
    return this.#inner(
      base,
      level,
      this.#build(indices, from, split, base, level - 1),
      this.#build(indices, split, to, middle, level - 1),
    );
  }

  #leaf(base: number, bits: number): NameSet | undefined {
    if (bits === 0) return undefined;
    let size = 0;
    for (let rest = bits; rest !== 0; rest &= rest - 1) size++;
    return this.#intern(`${base} ${bits}`, base, 0, size, bits, undefined, undefined);
  }

  #inner(
    base: number,
    level: number,
    left: NameSet | undefined,
    right: NameSet | undefined,
  ): NameSet | undefined {
    // The whole set is no larger than it has to be, so that equal sets are equal trees.
    if (!right && (base === 0 || !left)) return left;
    const size = (left?.size ?? 0) + (right?.size ?? 0);
    return this.#intern(`${level},${left?.id},${right?.id}`, base, level, size, 0, left, right);
  }

  #intern(
    key: string,
    base: number,
    level: number,
    size: number,
    bits: number,
    left: NameSet | undefined,
    right: NameSet | undefined,
  ): NameSet {
    const known = this.#known.get(key);
    if (known) return known;
    if (this.#known.size >= maxKnown) this.#known.clear();
    const set = new NameSet(this, this.#count++, base, level, size, bits, left, right);
    this.#known.set(key, set);
    return set;
  }
}

function hasIndex(set: NameSet, index: number): boolean {
  let at: NameSet | undefined = set;
  while (at && at.level > 0)
    at = index < at.base + width * 2 ** (at.level - 1) ? at.left : at.right;
  return at !== undefined && index < at.base + width && ((at.bits >>> (index - at.base)) & 1) === 1;
}
