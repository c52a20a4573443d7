import type { Tokenizer } from './tokenizer.js';

/** Text of accepted tokens: whole characters only, cut before the first stop string. */
export class TextStream {
  readonly #tokenizer: Tokenizer;
  readonly #stop: readonly string[];
  readonly #longestStop: number;
  #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #text = '';
  #released = 0;
  /** A stop string was met; the text ends before it. */
  stopped = false;

  constructor(tokenizer: Tokenizer, stop: readonly string[]) {
    this.#tokenizer = tokenizer;
    this.#stop = stop;
    this.#longestStop = Math.max(0, ...stop.map((s) => s.length));
  }

  /** Everything decoded, up to a stop string. */
  get text(): string {
    return this.#text;
  }

  /** Adds a token; returns whether a stop string was met. */
  push(token: number): boolean {
    if (this.stopped || this.#tokenizer.special.has(token) || this.#tokenizer.endOfText.has(token))
      return this.stopped;
    const before = this.#text.length;
    this.#text += this.#decoder.decode(this.#tokenizer.bytes(token), { stream: true });
    const searchFrom = Math.max(0, before - this.#longestStop + 1);
    const ends = this.#stop
      .map((stop) => this.#text.indexOf(stop, searchFrom))
      .filter((at) => at >= 0);
    if (ends.length > 0) {
      this.#text = this.#text.slice(0, Math.min(...ends));
      this.stopped = true;
    }
    return this.stopped;
  }

  /** Text not released before that no later token can take back; with `ended`, all of it. */
  release(ended: boolean): string {
    const end = ended ? this.#text.length : this.#text.length - this.#heldBack();
    const delta = this.#text.slice(this.#released, end);
    this.#released = Math.max(this.#released, end);
    return delta;
  }

  /** A fresh stream that holds `tokens`; what was released stays released. */
  replay(tokens: readonly number[]): TextStream {
    const stream = new TextStream(this.#tokenizer, this.#stop);
    for (const token of tokens) stream.push(token);
    stream.#released = Math.min(this.#released, stream.#text.length);
    return stream;
  }

  /** Length of the longest end of the text that begins a stop string. */
  #heldBack(): number {
    const text = this.#text;
    for (let length = Math.min(this.#longestStop - 1, text.length); length > 0; length--)
      if (this.#stop.some((stop) => stop.startsWith(text.slice(text.length - length))))
        return length;
    return 0;
  }
}
