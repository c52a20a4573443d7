/** One way of running the embedded model. */
export interface Contestant {
  /** Reads the prompt into an empty cache and generates greedily. */
  run(ids: Int32Array, tokens: number): Promise<Timing>;
}

export interface Timing {
  /** From the call to the first token. */
  readonly prefillMs: number;
  /** Milliseconds of each token after the first. */
  readonly tokenMs: readonly number[];
  /** The generated tokens, on which all contestants should agree. */
  readonly generated: readonly number[];
}

/** Times of tokens, the first one's and those after it. */
export class Stopwatch {
  #last = performance.now();
  #prefillMs = 0;
  readonly #tokenMs: number[] = [];
  readonly #generated: number[] = [];

  token(id: number): void {
    const now = performance.now();
    if (this.#generated.length === 0) this.#prefillMs = now - this.#last;
    else this.#tokenMs.push(now - this.#last);
    this.#generated.push(id);
    this.#last = now;
  }

  timing(): Timing {
    return { prefillMs: this.#prefillMs, tokenMs: this.#tokenMs, generated: this.#generated };
  }
}
