import { andThen, type MaybePromise } from '../../contract/maybe-promise.js';
import type { Parsed } from './offered-schema.js';

/** Texts whose verdicts are kept: those of generations that run at once. */
const maxKept = 256;

/** Verdicts of a schema's library on finished texts. Each is asked for once. */
export class Verdicts {
  readonly #known = new Map<string, MaybePromise<Parsed>>();

  /** @param judge of a text's value */
  constructor(readonly judge: (value: unknown) => MaybePromise<Parsed>) {}

  isRight(text: string): MaybePromise<boolean> {
    return andThen(this.#of(text), ({ success }) => success);
  }

  /**
   * The library's value of a text; undefined if the text is wrong, or if the verdict comes later
   * and was not awaited.
   */
  value(text: string): unknown {
    const verdict = this.#of(text);
    return !(verdict instanceof Promise) && verdict.success ? verdict.data : undefined;
  }

  #of(text: string): MaybePromise<Parsed> {
    const known = this.#known.get(text);
    if (known) return known;
    const verdict = this.judge(JSON.parse(text));
    if (this.#known.size >= maxKept) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(text, verdict);
    if (verdict instanceof Promise)
      verdict.then(
        (parsed) => this.#known.set(text, parsed),
        // Whoever waits for it is told; the next who asks, asks again.
        () => this.#known.delete(text),
      );
    return verdict;
  }
}
