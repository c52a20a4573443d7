import type { CacheEdit, CacheView, KeepEdit, SavedCache } from './cache.js';
import type { Capability } from './capability.js';
import type { EvidenceGiven, EvidenceWant } from './evidence/evidence.js';
import type { OptionalInputs } from './forward-inputs.js';

/** Sizes of a decoder. */
export interface DecoderShape {
  readonly layers: number;
  /** Query heads. Head h reads KV head floor(h / (heads / kvHeads)). */
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly hidden: number;
  readonly vocabulary: number;
  /** Positions the model was made for: the context length. */
  readonly maxPositions: number;
  /**
   * [layers], sliding-window width of a layer, 0 where it sees the whole cache. Absent: 0
   * everywhere.
   */
  readonly slidingWindows?: readonly number[];
}

/**
 * A model that reads tokens into sequences. Implemented by engines; see `@pliant/core/testing` for
 * a small one in plain arrays.
 */
export interface Decoder<Have extends Capability = Capability> {
  readonly id: string;
  readonly capabilities: ReadonlySet<Have>;
  /** Why a capability is missing and the way out, for error messages. */
  readonly missing?: { readonly [capability in Capability]?: string };
  readonly shape: DecoderShape;
  /** `fingerprintVocabulary` of the model's tokenizer, where known. */
  readonly vocabularyFingerprint?: string;
  /**
   * Equal for equal weights and graph: what a saved cache is bound to. May take a moment: it reads
   * the weights.
   */
  fingerprint?(): Promise<string>;
  /**
   * Measured options for middlewares on this model, by middleware name; each middleware validates
   * its own.
   */
  readonly defaults?: { readonly [middleware: string]: unknown };
  /** An empty sequence. Several may be open; their forwards take turns. */
  open(options?: OpenOptions): Promise<Sequence>;
  /**
   * One forward over several sequences of this decoder: one new token each, equal `layers`. Needs
   * `batch`.
   */
  forwardBatch?(
    sequences: readonly Sequence[],
    inputs: readonly ForwardInput[],
  ): Promise<ForwardOutput[]>;
  /** Builds early what `open` with these needs would build. */
  prepare?(needs?: readonly Capability[]): Promise<void>;
  close(): Promise<void>;
  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface OpenOptions {
  /**
   * Capabilities that forwards of this sequence will use beyond the plain ones; the engine may
   * build its graph accordingly. Default none.
   */
  readonly needs?: readonly Capability[];
  /** Rows to allocate at first. Default: grown as needed. */
  readonly rows?: number;
  /**
   * Rows that growing ahead stays within, for as long as they suffice. Default: the context length.
   */
  readonly maxRows?: number;
}

/** One token sequence and its KV cache. */
export interface Sequence {
  readonly cache: CacheView;
  /**
   * Reads new tokens. One forward at a time. On an error the cache is as before the call.
   * @throws the signal's reason when aborted during the forward.
   */
  forward(input: ForwardInput): Promise<ForwardOutput>;
  /** Applies an edit to the cache, in place. Needs `kv.edit`. */
  edit(edit: CacheEdit): void;
  /**
   * A copy with its own cache, of the rows that `edit` keeps where it is given (then also
   * `kv.edit`). Needs `fork`.
   */
  fork(edit?: KeepEdit): Promise<Sequence>;
  /** The whole cache, copied. Needs `kv.read`. */
  save?(): SavedCache;
  /**
   * Fills an empty sequence. Needs `kv.write`.
   * @throws InvalidOptionsError if rows were read, or sizes differ
   */
  restore?(saved: SavedCache): void;
  /** Frees the cache. Safe to call twice. */
  close(): void;
}

/** S new tokens. */
export interface ForwardInput extends OptionalInputs {
  /** [S] */
  readonly ids: Int32Array;
  /** Default: logits of the last row. */
  readonly want?: Want;
  readonly signal?: AbortSignal;
}

export interface Want extends EvidenceWant {
  /** Default `'last'`. `'all'` needs `logits.all`. */
  readonly logits?: 'last' | 'all' | 'none';
  /**
   * Every new row is computed as a forward of that token alone would, bit for bit: logits and
   * cache. Default false. Needs `logits.stepwise`.
   */
  readonly stepwise?: boolean;
}

export interface ForwardOutput extends EvidenceGiven {
  /**
   * [vocabulary], [S, vocabulary] or empty, as wanted. Valid until this sequence's next forward;
   * concurrent generations read theirs.
   */
  readonly logits: Float32Array;
}
