import type { Capability, Decoder, EncodedPrompt, ScoresRequest } from '@pliant/core';

/**
 * A way to rank the rows of the KV cache. `kvDrop` does the rest: it asks for the attention, has
 * the look-ahead written, leaves sliding-window layers alone, keeps the best rows within the budget
 * and feeds the last prompt token again. A policy is a plain object, because wrappers such as
 * `chunked` copy it.
 */
export interface Policy<Needs extends Capability = Capability> {
  /** As in the literature; named in errors. */
  readonly name: string;
  /** Capabilities that it needs beyond editing the cache. */
  readonly requires: readonly Needs[];
  /** Smallest budget that it works with, in rows. */
  readonly minimumBudget: number;
  /** Tokens written after the prompt whose attention counts too. Needs `scores`. */
  readonly lookahead?: Lookahead;
  /** Called by `.use()`. @throws for a decoder that it does not fit */
  check?(decoder: Decoder): void;
  /**
   * Attention that `score` ranks by. Absent: none is asked for. With `chunks: 'every'` or a
   * look-ahead it is reduced over the rows of several forwards as if they were one. Then rows and
   * heads must be reduced alike, or both linearly (sum, mean). With `chunks: 'every'` `reduceRows`
   * must be 'sum' or 'max', because chunks differ in length.
   * @param newRows rows of this prefill: the prompt, or a later turn's tokens, without a
   * look-ahead; 1 or more
   */
  scores?(newRows: number): Omit<ScoresRequest, 'layers'>;
  /**
   * Rows to keep per layer, if layers get different shares. Default: `budget` each.
   * @param layers number of layers without a sliding window; the shares are theirs, in order
   * @param candidates of the layer that has most
   */
  layerBudgets?(budget: number, layers: number, candidates: number): readonly number[];
  /**
   * Original positions of rows that always stay, in every layer and KV head, in this turn and later
   * ones. They are deducted from the budget first: `layerBudgets` and `score` are given the rest.
   * If less than `minimumBudget` is left, `kvDrop` throws before anything is read. Default: none.
   * @param prompt of this turn, as it is read
   * @param position of its first token; 0 in a first turn
   * @param budget rows that may stay; listing many more is of no use
   */
  protect?(prompt: EncodedPrompt, position: number, budget: number): readonly number[];
  /**
   * Original positions of this turn's rows that stay if there is room, ascending. Together with
   * those of earlier turns they get at most half of the budget that `protect` leaves, the newest
   * first. Default: none.
   */
  protectNewest?(prompt: EncodedPrompt, position: number): readonly number[];
  /**
   * Scores the rows of a layer that has more candidates than `budget`. The best `budget` of each KV
   * head stay; ties go to the earlier row. `Infinity` stays for certain; give it to at most
   * `budget` rows.
   * @param budget of this layer, without the protected rows
   * @returns per KV head [candidates], higher stays; never NaN
   */
  score(layer: LayerRows, budget: number): readonly Float32Array[];
}

/**
 * Tokens written greedily after the prompt, including an end token, if there is something to drop.
 * They never stay in the cache.
 */
export interface Lookahead {
  /**
   * Writes the tokens. Must have the decoder's vocabulary. Default: the decoder itself, after the
   * prompt it has read.
   */
  readonly draft?: Decoder;
  /**
   * Most tokens, 0 or more. Default: the smaller of 16 and what the run may generate; all of what
   * an earlier middleware wrote.
   */
  readonly tokens?: number;
  /**
   * Takes what an earlier middleware wrote ahead (`WrittenAhead`). If it wrote nothing, the decoder
   * writes. Not with a draft.
   */
  readonly written?: boolean;
  /**
   * Rows of a reduced copy of the decoder's cache to write on. Needs `fork`; not with a draft.
   * Default: the whole cache.
   */
  readonly budget?: number;
}

/** The T rows of a layer, in the order of their positions. G KV heads, D head dimension. */
export interface LayerRows {
  /** Index in the model, from 0. */
  readonly layer: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** T */
  readonly rows: number;
  /**
   * Number of tokens of this turn that were read, without a look-ahead: `scores` may hold their
   * attention.
   */
  readonly newRows: number;
  /**
   * Rows 0 to `candidates` - 1 are ranked: every row before the last prompt token's, which is fed
   * again. Rows of a look-ahead follow that one.
   */
  readonly candidates: number;
  /** [G, T], the attention that `scores` asked for. */
  readonly scores?: Float32Array;
  /** [T], original position of each row, ascending. */
  positions(kvHead: number): Int32Array;
  /** [G, T, D], after RoPE, a copy. Needs `kv.read`. */
  keys(): Float32Array;
  /** [G, T, D], a copy. Needs `kv.read`. */
  values(): Float32Array;
  /** Uniform in (0, 1), from the run's seed. */
  random(): number;
}
