/** Most earlier places of the same tokens that are compared. */
const maxPlaces = 8;
/** Longest match, in tokens: longer ones count as equally long. */
const maxMatchLength = 32;

/** An earlier place at which the same tokens occur. */
export interface Occurrence {
  /** Index of the token that follows there. */
  readonly next: number;
  /** Equal tokens before it, 1 to 32. */
  readonly length: number;
}

/**
 * An index of the n-grams of a text that grows and shrinks at its end. The times of appending,
 * taking back and finding do not depend on the length of the text.
 */
export class NgramIndex {
  readonly #tokens: number[] = [];
  /** By n - 1: hash of an n-gram to the index after its latest place. */
  readonly #latest: Map<number, number>[];
  /**
   * By n - 1, then by the index after a place minus n: the previous place with the same hash, or
   * -1.
   */
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

  /**
   * Finds the earlier place that repeats most of the end of the text, among the latest places of
   * its last n-gram. Ties go to the latest.
   */
  find(): Occurrence | undefined {
    const end = this.#tokens.length;
    for (let at = Math.min(this.#latest.length, end) - 1; at >= 0; at--) {
      let best: Occurrence | undefined;
      let place = this.#earlier[at][end - at - 1];
      for (let tried = 0; place >= 0 && tried < maxPlaces; tried++) {
        const length = this.#equalBefore(place, end);
        if (length > at && length > (best?.length ?? 0)) best = { next: place, length };
        place = this.#earlier[at][place - at - 1];
      }
      if (best) return best;
    }
    return undefined;
  }

  /**
   * Counts equal tokens before two indices. This is needed because hashes of different n-grams may
   * be equal.
   */
  #equalBefore(a: number, b: number): number {
    const most = Math.min(maxMatchLength, a);
    let count = 0;
    while (count < most && this.#tokens[a - 1 - count] === this.#tokens[b - 1 - count]) count++;
    return count;
  }

  /**
   * Hashes each n-gram at the end of the text: FNV-1a over its tokens, from the last one backwards.
   */
  #eachHash(use: (hash: number, at: number) => void): void {
    const end = this.#tokens.length;
    let hash = 0x811c9dc5;
    for (let at = 0; at < Math.min(this.#latest.length, end); at++) {
      hash = Math.imul(hash ^ this.#tokens[end - 1 - at], 0x01000193);
      use(hash, at);
    }
  }
}
