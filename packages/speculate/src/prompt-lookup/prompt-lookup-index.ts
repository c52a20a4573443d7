/** Earlier places of the same tokens that are compared for the longest match. */
const places = 8;
/** Matches are told apart by length up to here. */
const longest = 32;

/** An earlier place where the text went on from the same tokens. */
export interface Occurrence {
  /** Index of the token that followed there. */
  readonly next: number;
  /** Tokens that are equal before it, 1 to 32. */
  readonly length: number;
}

/**
 * The n-grams of a text that grows and shrinks at its end. Appending, taking back and finding take a time that does not depend on the length of
 * the text.
 */
export class NgramIndex {
  readonly #tokens: number[] = [];
  /** For n - 1: hash of an n-gram -> the index after its latest place. */
  readonly #latest: Map<number, number>[];
  /** For n - 1, by the index after a place less n: the place before it with the same hash, -1 for none. */
  readonly #earlier: number[][];

  /** @param ngram length of the longest n-grams, 1 or more */
  constructor(ngram: number) {
    this.#latest = Array.from({ length: ngram }, () => new Map());
    this.#earlier = Array.from({ length: ngram }, () => []);
  }

  get length(): number {
    return this.#tokens.length;
  }

  /** The token at an index. */
  at(index: number): number {
    return this.#tokens[index];
  }

  append(token: number): void {
    this.#tokens.push(token);
    const end = this.#tokens.length;
    this.#eachHash((hash, at) => {
      this.#earlier[at].push(this.#latest[at].get(hash) ?? -1);
      this.#latest[at].set(hash, end);
    });
  }

  /** Takes the last token back. */
  pop(): void {
    this.#eachHash((hash, at) => {
      const before = this.#earlier[at].pop()!;
      if (before < 0) this.#latest[at].delete(hash);
      else this.#latest[at].set(hash, before);
    });
    this.#tokens.pop();
  }

  /** Where the longest end of the text, of those at the latest places of its last n-gram, stood before; of equal ones the latest. */
  find(): Occurrence | undefined {
    const end = this.#tokens.length;
    for (let at = Math.min(this.#latest.length, end) - 1; at >= 0; at--) {
      let best: Occurrence | undefined;
      let place = this.#earlier[at][end - at - 1];
      for (let tried = 0; place >= 0 && tried < places; tried++) {
        const length = this.#equalBefore(place, end);
        if (length > at && length > (best?.length ?? 0)) best = { next: place, length };
        place = this.#earlier[at][place - at - 1];
      }
      if (best) return best;
    }
    return undefined;
  }

  /** Tokens that are equal before two indices; hashes of different n-grams may be equal. */
  #equalBefore(a: number, b: number): number {
    const most = Math.min(longest, a);
    let count = 0;
    while (count < most && this.#tokens[a - 1 - count] === this.#tokens[b - 1 - count]) count++;
    return count;
  }

  /** Of the n-grams at the end: FNV-1a over their tokens, from the last one backwards. */
  #eachHash(use: (hash: number, at: number) => void): void {
    const end = this.#tokens.length;
    let hash = 0x811c9dc5;
    for (let at = 0; at < Math.min(this.#latest.length, end); at++) {
      hash = Math.imul(hash ^ this.#tokens[end - 1 - at], 0x01000193);
      use(hash, at);
    }
  }
}
