import type { CacheEdit, CacheView, KeepEdit, SavedCache } from './cache.js';
import type { Capability } from './capability.js';

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
  /** [layers], sliding-window width of a layer, 0 where it sees the whole cache. Absent: 0 everywhere. */
  readonly slidingWindows?: readonly number[];
}

/** A model that reads tokens into sequences. Implemented by engines; see `@pliant/core/testing` for a small one in plain arrays. */
export interface Decoder<Have extends Capability = Capability> {
  readonly id: string;
  readonly capabilities: ReadonlySet<Have>;
  /** Why a capability is missing and the way out, for error messages. */
  readonly missing?: { readonly [capability in Capability]?: string };
  readonly shape: DecoderShape;
  /** `fingerprintVocabulary` of the model's tokenizer, where known. */
  readonly vocabularyFingerprint?: string;
  /** Equal for equal weights and graph: what a saved cache is bound to. May take a moment: it reads the weights. */
  fingerprint?(): Promise<string>;
  /** Measured options for middlewares on this model, by middleware name; each middleware validates its own. */
  readonly defaults?: { readonly [middleware: string]: unknown };
  /** An empty sequence. Several may be open; their forwards take turns. */
  open(options?: OpenOptions): Promise<Sequence>;
  /** One forward over several sequences of this decoder: one new token each, equal `layers`. Needs `batch`. */
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
  /** Capabilities that forwards of this sequence will use beyond the plain ones; the engine may build its graph accordingly. Default none. */
  readonly needs?: readonly Capability[];
  /** Rows to allocate at first. Default: grown as needed. */
  readonly rows?: number;
  /** Rows that growing ahead stays within, for as long as they suffice. Default: the context length. */
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
  /** A copy with its own cache, of the rows that `edit` keeps where it is given (then also `kv.edit`). Needs `fork`. */
  fork(edit?: KeepEdit): Promise<Sequence>;
  /** The whole cache, copied. Needs `kv.read`. */
  save?(): SavedCache;
  /** Fills an empty sequence. Needs `kv.write`. @throws InvalidOptionsError where rows were read, or sizes differ */
  restore?(saved: SavedCache): void;
  /** Frees the cache. Safe to call twice. */
  close(): void;
}

/** S new tokens. */
export interface ForwardInput {
  /** [S] */
  readonly ids: Int32Array;
  /** [S], ascending; default contiguous from `cache.nextPosition`, which becomes the last one + 1. Needs `positions.explicit`. */
  readonly positions?: Int32Array;
  /** [layers], 1 = run, 0 = skip; layer 0 always runs. A skipped layer writes no rows. Needs `layers.skip`. */
  readonly layers?: Uint8Array;
  /**
   * [layers], what a skipped layer multiplies the hidden state by: above 0, and what is given for a layer that runs counts nothing. Default 1.
   * With `layers` only.
   */
  readonly layerScales?: Float32Array;
  /** Default: logits of the last row. */
  readonly want?: Want;
  readonly signal?: AbortSignal;
}

export interface Want {
  /** Default `'last'`. `'all'` needs `logits.all`. */
  readonly logits?: 'last' | 'all' | 'none';
  /** Every new row is computed as a forward of that token alone would, bit for bit: logits and cache. Default false. Needs `logits.stepwise`. */
  readonly stepwise?: boolean;
  /** By name (the asking middleware's), so that several may ask. Needs `scores`. */
  readonly scores?: { readonly [name: string]: ScoresRequest };
  /** Needs `hidden.means`. */
  readonly hiddenMeans?: boolean;
  /** Needs `block.influences`. */
  readonly blockInfluences?: boolean;
}

/** How much each layer changes the hidden state h that it is given, over the new tokens t (or a sample of them, evenly spaced). */
export interface BlockInfluences {
  /** [layers], 1 - mean_t cos(h_t before, h_t after), 0 to 2 (ShortGPT, Men et al. 2024, arXiv:2403.03853). A skipped layer's is 0. */
  readonly influences: Float32Array;
  /**
   * [layers], geometric mean over t of |h_t after| / |h_t before|: the arithmetic one (AdaSkip, He et al. 2025, arXiv:2501.02336) is ruled by the
   * first token, whose state some layers make hundreds of times larger. A skipped layer's is 1.
   */
  readonly normRatios: Float32Array;
}

/**
 * Attention probabilities of the last `rows` new rows over the whole cache (the new rows included, causal, softmax over every
 * visible key, fp32), reduced over rows, then over the query heads of a KV head.
 */
export interface ScoresRequest {
  /** At least 1, at most the new rows of the forward (a prefill in chunks sees to it that the last chunk has as many). */
  readonly rows: number;
  /**
   * Instead of the attention that those rows pay, the attention that the next `future` positions are expected to (Expected Attention, Devoto
   * et al. 2025, arXiv:2510.00636): queries there are taken to be normally distributed, with the mean and the covariance that the `rows`
   * have before rotation, rotated by the average over those positions. Per query head softmax_j(mean_i(l_ij) + var_i(l_ij) / 2), over every
   * cached key j, l_ij the logit of row i so rotated and the variance divided by `rows`; then over the query heads as usual.
   *
   * The positions follow that of the last row, and end where the context ends; where none is left, its last one counts. 1 or more;
   * `reduceRows` must be 'mean', without `rowWeights`. A sliding window is ignored. Default: the attention that the rows pay.
   */
  readonly future?: number;
  /**
   * Of a prefill in chunks, where the scores are taken: `'last'`, the last chunk; `'every'`, each chunk, of its own last rows (at most
   * `rows`) over the cache so far, for accumulated attention: `editCache` gets each chunk's. A single forward ignores it. Default `'last'`.
   */
  readonly chunks?: 'last' | 'every';
  /** Default all. */
  readonly layers?: readonly number[];
  /** [rows], multiplied before the reduction. Default all 1. */
  readonly rowWeights?: Float32Array;
  readonly reduceRows: 'max' | 'mean' | 'sum';
  /** Over the query heads of each KV head; `'none'` returns every query head. */
  readonly reduceHeads: 'max' | 'mean' | 'sum' | 'none';
}

export interface ForwardOutput {
  /** [vocabulary], [S, vocabulary] or empty, as wanted. Valid until this sequence's next forward; concurrent generations read theirs. */
  readonly logits: Float32Array;
  /** By the name asked under: layer -> [kvHeads, T] or [heads, T], T the rows of that layer after this forward. */
  readonly scores?: { readonly [name: string]: ReadonlyMap<number, Float32Array> };
  /** [layers, hidden], mean over the new tokens; a skipped layer's is 0. */
  readonly hiddenMeans?: Float32Array;
  readonly blockInfluences?: BlockInfluences;
}
