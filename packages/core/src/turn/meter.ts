import type { Sequence } from '../contract/decoder.js';
import type { Metrics } from '../contract/result.js';

/** Collects the metrics of one generation. Times in ms. */
export class Meter {
  readonly #started = performance.now();
  readonly #sequences = new Set<Sequence>();
  readonly #middlewares: Record<string, Record<string, number>> = {};
  #prefillMs = 0;
  #firstTokenMs = 0;
  #stepMs = 0;
  #tokensAfterFirst = 0;
  #kvBytesAfterPrefill = 0;
  #kvBytesPeak = 0;

  follow(sequence: Sequence): void {
    this.#sequences.add(sequence);
  }
  unfollow(sequence: Sequence): void {
    this.sampleBytes();
    this.#sequences.delete(sequence);
  }

  sampleBytes(): number {
    let bytes = 0;
    for (const { cache } of this.#sequences) bytes += cache.bytes;
    this.#kvBytesPeak = Math.max(this.#kvBytesPeak, bytes);
    return bytes;
  }

  addPrefill(ms: number): void {
    this.#prefillMs += ms;
    this.sampleBytes();
  }
  prefillDone(): void {
    this.#kvBytesAfterPrefill = this.sampleBytes();
  }

  /**
   * A step took `ms` and accepted `tokens`; the first token's step counts towards the time to it.
   */
  addStep(ms: number, tokens: number): void {
    this.sampleBytes();
    if (tokens === 0) return;
    if (this.#firstTokenMs === 0) this.#firstTokenMs = performance.now() - this.#started;
    else {
      this.#stepMs += ms;
      this.#tokensAfterFirst += tokens;
    }
  }

  emit(middleware: string, name: string, value: number): void {
    this.#middlewares[middleware] ??= {};
    this.#middlewares[middleware][name] = value;
  }

  metrics(promptTokens: number, promptTokensKept: number, decodeTokens: number): Metrics {
    return {
      promptTokens,
      promptTokensKept,
      prefillMs: this.#prefillMs,
      timeToFirstTokenMs: this.#firstTokenMs,
      decodeTokens,
      decodeTokensPerSecond: this.#stepMs > 0 ? (this.#tokensAfterFirst / this.#stepMs) * 1000 : 0,
      kvBytesAfterPrefill: this.#kvBytesAfterPrefill,
      kvBytesPeak: this.#kvBytesPeak,
      middlewares: structuredClone(this.#middlewares),
    };
  }
}
