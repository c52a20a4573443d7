/** Names in a row of which each is kept with what follows it. */
const maxKept = 200;
let count = 0;

/** The members of an object so far. Immutable; the same members in the same order are mostly one object. */
export class Members {
  readonly id = count++;
  #known: ReadonlySet<string> | undefined;
  #next: Map<string, Members> | undefined;

  private constructor(
    /** Places of names in a fixed order; undefined: any order. */
    readonly order: ReadonlyMap<string, number> | undefined,
    /** The first place that may still come. */
    readonly place: number,
    readonly last: string,
    readonly before: Members | undefined,
  ) {}

  static none(order: ReadonlyMap<string, number> | undefined): Members {
    return new Members(order, 0, '', undefined);
  }

  with(name: string): Members {
    if (!this.#next || this.#next.size >= maxKept) this.#next = new Map();
    const known = this.#next.get(name);
    if (known) return known;
    const place = this.order ? (this.order.get(name) ?? this.order.size) + 1 : 0;
    const members = new Members(this.order, place, name, this);
    this.#next.set(name, members);
    return members;
  }

  has(name: string): boolean {
    return this.names().has(name);
  }

  /** Whether a member of the name may come next. */
  admits(name: string): boolean {
    if (this.has(name)) return false;
    const place = this.order?.get(name);
    return place === undefined || place >= this.place;
  }

  names(): ReadonlySet<string> {
    if (!this.#known) {
      const names = new Set<string>();
      for (let at: Members | undefined = this; at?.before; at = at.before) names.add(at.last);
      this.#known = names;
    }
    return this.#known;
  }
}
