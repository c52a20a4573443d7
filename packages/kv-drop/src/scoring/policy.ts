import type { Capability, Decoder, EncodedPrompt, ScoresRequest } from '@pliant/core';

/**
 * One way of ranking the rows of the KV cache. `kvDrop` does the rest: it asks for the attention, has the look-ahead written, leaves
 * sliding-window layers alone, keeps the best rows within the budget and feeds the last prompt token again. A plain object: wrappers such
 * as `chunked` copy it.
 */
export interface Policy<Needs extends Capability = Capability> {
  /** As in the literature; in errors. */
  readonly name: string;
  /** What it needs of the decoder beyond editing the cache. */
  readonly requires: readonly Needs[];
  /** The smallest budget it works with, in rows. */
  readonly minimumBudget: number;
  /** Tokens written after the prompt that ask for attention too. Needs `scores`. */
  readonly lookahead?: Lookahead;
  /** Called by `.use()`: refuses, by throwing, a decoder that it does not fit. */
  check?(decoder: Decoder): void;
  /**
   * The attention that `score` ranks by. Absent: none is asked for. With `chunks: 'every'` or a look-ahead it is reduced over the rows
   * of several forwards as if they were one; then rows and heads must be reduced alike, or both linearly (sum, mean). With `chunks: 'every'`
   * rows are summed or their maximum is taken: the chunks differ in length.
   * @param newRows rows of this prefill: the prompt, or a later turn's tokens, without a look-ahead; 1 or more
   */
  scores?(newRows: number): Omit<ScoresRequest, 'layers'>;
  /**
   * Rows to keep per layer, where layers get different shares. Default: `budget` each.
   * @param layers layers without a sliding window; the shares are theirs, in order
   * @param candidates of the layer that has most
   */
  layerBudgets?(budget: number, layers: number, candidates: number): readonly number[];
  /**
   * Original positions of rows that always stay, in every layer and KV head, in this turn and the later ones. They come off the budget
   * first: `layerBudgets` and `score` are given what is left of it. Where less than `minimumBudget` is left, `kvDrop` throws before anything is read. Default: none.
   * @param prompt of this turn, as it is read
   * @param position of its first token; 0 in a first turn
   * @param budget rows that may stay: there is no use in listing many more
   */
  protect?(prompt: EncodedPrompt, position: number, budget: number): readonly number[];
  /**
   * Original positions of rows that stay as far as there is room, ascending: of this turn's and those of the turns before the newest, in at most half of
   * what `protect` leaves of the budget. Default: none.
   */
  protectNewest?(prompt: EncodedPrompt, position: number): readonly number[];
  /**
   * How much a layer's rows are worth, where it has more candidates than `budget`: the best `budget` of each KV head stay, of equal scores
   * the earlier row. `Infinity` stays for certain: of at most `budget` rows.
   * @param budget that layer's, less the rows that are protected
   * @returns per KV head [candidates], higher stays; never NaN
   */
  score(layer: LayerRows, budget: number): readonly Float32Array[];
}

/** Tokens written greedily after the prompt, an end token included, where there is something to drop. They never stay in the cache. */
export interface Lookahead {
  /** Writes them; has the decoder's vocabulary. Default: the decoder itself, behind the prompt it has read. */
  readonly draft?: Decoder;
  /** At most as many; 0 or more. Default: 16, or what the run may generate where that is less; of what was written ahead before, all. */
  readonly tokens?: number;
  /** Takes what a middleware before wrote ahead (`WrittenAhead`); where it wrote nothing, the decoder writes. Without a draft. */
  readonly written?: boolean;
  /** Rows of a reduced copy of the decoder's cache that it writes on. Needs `fork`; without a draft. Default: it writes on the whole cache. */
  readonly budget?: number;
}

/** A layer's rows: T of them, in the order of their positions. G KV heads, D head dimension. */
export interface LayerRows {
  /** Index in the model, from 0. */
  readonly layer: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** T */
  readonly rows: number;
  /** Tokens of this turn that were read, a look-ahead not counted: those whose attention `scores` may hold. */
  readonly newRows: number;
  /**
   * Rows 0 to `candidates` - 1 are ranked: every row before the last prompt token's, which is fed again. Below T: rows of a look-ahead
   * follow that one.
   */
  readonly candidates: number;
  /** [G, T], what `scores` asked for. */
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
