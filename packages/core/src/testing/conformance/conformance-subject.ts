import type { AnyMiddleware } from '../../contract/middleware.js';
import type { Tokenizer } from '../../contract/tokenizer.js';
import type { MockDecoder } from '../mock/mock-decoder.js';
import type { MockDecoderOptions } from '../mock/mock-options.js';

/** A middleware under test. The factories are called for each case, on a decoder of its own. */
export interface ConformanceSubject {
  /** The middleware's name. */
  readonly name: string;
  /**
   * The middleware with options that change nothing: a budget as large as the prompt, no layer
   * skipped.
   */
  neutral(decoder: MockDecoder, tokenizer: Tokenizer): AnyMiddleware;
  /**
   * The middleware at work: on the prompt of the cases (a chat of about 100 tokens) it must change
   * the tokens or the forwards, and leave room for at least 6 tokens.
   */
  active(decoder: MockDecoder, tokenizer: Tokenizer): AnyMiddleware;
  /** The decoder to run on, made with `options`. Default `mockDecoder`. */
  decoder?(options: MockDecoderOptions): MockDecoder;
  /**
   * Calls of the factory with a wrong option, each of which must throw an `InvalidOptionsError`.
   */
  readonly refuses?: readonly (() => unknown)[];
  /** With another middleware that proposes tokens, the greedy text stays the same. */
  readonly losslessWithProposals?: boolean;
  /**
   * It drops rows while decoding, which no rollback brings back: tokens taken back may be chosen
   * otherwise.
   */
  readonly dropsWhileDecoding?: boolean;
}

/** One check: `run` rejects with a message that names the middleware. */
export interface ConformanceCase {
  readonly name: string;
  run(): Promise<void>;
}
