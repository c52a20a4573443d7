import { toBytes } from '../formula/word-list.js';
import { emptyTrie, type MarkedTrie } from '../sets/marked-trie.js';

/** Names of which each is kept with what follows it. */
const maxKept = 200;
let count = 0;

/**
 * The names of an object's members so far. Immutable; the same names in the same order are mostly
 * one object.
 */
export class Members {
  readonly id = count++;
  #taken: MarkedTrie | undefined;
  #next: Map<string, Members> | undefined;
  /** Facts about the names that may come next. */
  readonly allowed = new WeakMap<object, unknown>();

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
    return this.taken.find(toBytes(name)) !== undefined;
  }

  /** The names, as words that are wrong. */
  get taken(): MarkedTrie {
    const missing: Members[] = [];
    let at: Members = this;
    while (at.#taken === undefined && at.before) {
      missing.push(at);
      at = at.before;
    }
    let taken = at.#taken ?? emptyTrie;
    for (const members of missing.reverse()) {
      taken = taken.with(toBytes(members.last!), false);
      members.#taken = taken;
    }
    return taken;
  }

  /** Newest first. */
  *names(): Iterable<string> {
    for (let at: Members = this; at.before; at = at.before) yield at.last!;
  }
}
