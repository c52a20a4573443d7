import type { Tokenizer } from '../../contract/tokenizer.js';
import { StopStrings } from './stop-strings.js';

/**
 * Whether a token has no text: a control token, an end of text, or one of a model that has more of
 * them than its tokenizer.
 */
export function isSilent(
  { vocabularySize, special, endOfText }: Tokenizer,
  token: number,
): boolean {
  return token >= vocabularySize || special.has(token) || endOfText.has(token);
}

/**
 * Text of accepted tokens: whole characters only, cut before the first stop string. Work per token
 * does not grow with the text.
 */
export class TextStream {
  readonly #tokenizer: Tokenizer;
  readonly #stops: StopStrings;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #text = '';
  /** The end of the text, where a stop string may have begun. */
  #tail = '';
  /** The end of the text that was not released. */
  #pending = '';
  /** A stop string was met; the text ends before it. */
  stopped = false;

  constructor(tokenizer: Tokenizer, stop: readonly string[]) {
    this.#tokenizer = tokenizer;
    this.#stops = new StopStrings(stop);
  }

  /** Everything decoded, up to a stop string. */
  get text(): string {
    return this.#text;
  }

  /** Adds a token; returns whether a stop string was met. */
  push(token: number): boolean {
    if (this.stopped || isSilent(this.#tokenizer, token)) return this.stopped;
    const delta = this.#decoder.decode(this.#tokenizer.bytes(token), { stream: true });
    const searched = this.#tail + delta;
    this.#text += delta;
    this.#pending += delta;
    const end = this.#stops.firstIn(searched);
    if (end !== undefined) {
      const cut = searched.length - end;
      this.#text = this.#text.slice(0, this.#text.length - cut);
      // The beginning of a stop string is held back, so the cut lies within the pending text.
      this.#pending = this.#pending.slice(0, this.#pending.length - cut);
      this.stopped = true;
    } else this.#tail = searched.slice(Math.max(0, searched.length - this.#stops.longest + 1));
    return this.stopped;
  }

  /** Text not released before that no later token can take back; with `ended`, all of it. */
  release(ended: boolean): string {
    const end = this.#pending.length - (ended ? 0 : this.#stops.begunAtEndOf(this.#pending));
    const delta = this.#pending.slice(0, end);
    this.#pending = this.#pending.slice(end);
    return delta;
  }

  /** A fresh stream that holds `tokens`; what was released stays released. */
  replay(tokens: readonly number[]): TextStream {
    const stream = new TextStream(this.#tokenizer, this.#stops.all);
    for (const token of tokens) stream.push(token);
    stream.#pending = stream.#text.slice(this.#text.length - this.#pending.length);
    return stream;
  }
}
