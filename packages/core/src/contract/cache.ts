/** The KV cache of one sequence, as middlewares see it. G KV heads, D head dimension. */
export interface CacheView {
  readonly layers: number;
  readonly kvHeads: number;
  /**
   * Position the next token gets, counted from the first token read. At least the row count; larger
   * once rows were dropped.
   */
  readonly nextPosition: number;
  /**
   * Rotary position of the next token: `nextPosition`, or usually less after an edit has renumbered
   * the rows. At most the context length.
   */
  readonly nextRotaryPosition: number;
  /** Rows held by a layer. Layers may differ; the KV heads of a layer never do. */
  rows(layer: number): number;
  /**
   * [rows], original position of each row, ascending; `renumber` leaves it alone. A view: valid
   * until the next forward or edit.
   */
  positions(layer: number, kvHead: number): Int32Array;
  /** [G, rows, D], a copy. Needs `kv.read`. Keys are as cached: after RoPE. */
  keys(layer: number): Float32Array;
  /** [G, rows, D], a copy. Needs `kv.read`. */
  values(layer: number): Float32Array;
  /** Bytes allocated for keys and values, not only those in use. */
  readonly bytes: number;
}

/**
 * A change of the cache, as data. The pipeline intersects the edits of several middlewares, and the
 * engine copies once.
 * - `keep`: row indices that a layer and KV head keeps, ascending. Every KV head of a layer keeps
 *   equally many.
 * - `protect`: row indices that no other middleware's edit may drop.
 * - `refeed: 1`: the last prompt token is fed again at its own position after the edit, and the
 *   logits of that forward are sampled from. Its row must not be kept.
 * - `renumber`: the kept rows get contiguous rotary positions, and their keys are rotated to match.
 *   What is read next continues them: a layer with r of the fullest layer's R rows has R - r to
 *   R - 1. Original positions, which `positions` and `truncate` use, do not change. Needs
 *   `positions.renumber`.
 * - `rowsAhead`: rows that will follow before the next edit; the engine sizes the buffers for just
 *   them. Default: the engine's choice.
 * - `truncate`: rows at this position and later go, and it becomes the next position. The next
 *   rotary position goes back as far, but not onto a row that is left.
 */
export type CacheEdit = KeepEdit | { readonly truncate: number };

export interface KeepEdit {
  readonly keep: (layer: number, kvHead: number) => Uint32Array;
  readonly protect?: (layer: number, kvHead: number) => Uint32Array;
  readonly refeed?: 0 | 1;
  readonly renumber?: true;
  /** 0 or more. */
  readonly rowsAhead?: number;
}

/** A layer's rows as they are saved. G KV heads, R rows, D head dimension. */
export interface SavedLayer {
  readonly rows: number;
  /** [G, R], original positions, ascending. */
  readonly positions: Int32Array;
  /** [G, R], where the keys are rotated to, ascending. */
  readonly rotaryPositions: Int32Array;
  /** [G, R, D], after RoPE. */
  readonly keys: Float32Array;
  /** [G, R, D] */
  readonly values: Float32Array;
}

/** A whole cache, to be saved and restored. */
export interface SavedCache {
  readonly nextPosition: number;
  readonly nextRotaryPosition: number;
  readonly layers: readonly SavedLayer[];
}

/**
 * When `editCache` is called: after each prefill chunk but the last, after the last, after the
 * choices that follow a decode forward.
 */
export type Phase = 'prefill-chunk' | 'prefill-end' | 'decode';

export interface EditMoment {
  readonly phase: Phase;
  /**
   * Position after the prompt's last token. Rows there and beyond are a look-ahead in the prefill
   * phases, and generated tokens while decoding; with `refeed`, the row before goes too.
   */
  readonly promptEnd: number;
}
