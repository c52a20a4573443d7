/** Names of which each is kept with what follows it. */
const maxKept = 200;
let count = 0;

/** The names of an object's members so far. Immutable; the same names in the same order are mostly one object. */
export class Members {
  readonly id = count++;
  #known: ReadonlySet<string> | undefined;
  #next: Map<string, Members> | undefined;

  private constructor(
    readonly last: string | undefined,
    readonly before: Members | undefined,
  ) {}

  static none(): Members {
    return new Members(undefined, undefined);
  }

  with(name: string): Members {
    if (!this.#next || this.#next.size >= maxKept) this.#next = new Map();
    const known = this.#next.get(name);
    if (known) return known;
    const members = new Members(name, this);
    this.#next.set(name, members);
    return members;
  }

  has(name: string): boolean {
    return this.names().has(name);
  }

  names(): ReadonlySet<string> {
    if (!this.#known) {
      const names = new Set<string>();
      for (let at: Members | undefined = this; at?.last !== undefined; at = at.before)
        names.add(at.last);
      this.#known = names;
    }
    return this.#known;
  }
}
