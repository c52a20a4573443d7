/** The members of an object so far. Immutable. */
export class Members {
  #known: ReadonlySet<string> | undefined;

  private constructor(
    /** Places of names in a fixed order; undefined: any order. */
    readonly order: ReadonlyMap<string, number> | undefined,
    /** The first place that may still come. */
    readonly place: number,
    readonly count: number,
    readonly last: string,
    readonly before: Members | undefined,
  ) {}

  static none(order: ReadonlyMap<string, number> | undefined): Members {
    return new Members(order, 0, 0, '', undefined);
  }

  with(name: string): Members {
    const place = this.order ? (this.order.get(name) ?? this.order.size) + 1 : 0;
    return new Members(this.order, place, this.count + 1, name, this);
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
