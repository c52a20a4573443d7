import type { Capability, ScoresRequest } from '@pliant/core';

/**
 * One way of choosing which rows of the KV cache stay once the prompt was read. `kvDrop` does the rest: it asks for the scores,
 * leaves sliding-window layers alone, applies the edit and feeds the last prompt token again.
 */
export interface Policy<Needs extends Capability = Capability> {
  /** As in the literature; in errors. */
  readonly name: string;
  /** What it needs of the decoder beyond editing the cache. */
  readonly requires: readonly Needs[];
  /** The smallest budget it works with, in rows. */
  readonly minimumBudget: number;
  /**
   * The attention that `select` ranks by. Absent: none is asked for.
   * @param newRows rows of this prefill: the prompt, or a later turn's tokens; 1 or more
   */
  scores?(newRows: number): Omit<ScoresRequest, 'layers'>;
  /**
   * The rows to keep in a layer that has more candidates than `budget`.
   * @returns per KV head, `budget` row indices, ascending
   */
  select(layer: LayerRows, budget: number): readonly Uint32Array[];
}

/** A layer's rows after a prefill: T of them, in the order of their positions. G KV heads. */
export interface LayerRows {
  /** Index in the model, from 0. */
  readonly layer: number;
  readonly kvHeads: number;
  /** T */
  readonly rows: number;
  /** Rows 0 to `candidates` - 1 may be kept: every row before the last prompt token's, which is fed again. Below T: rows of a look-ahead follow it. */
  readonly candidates: number;
  /** [G, T], what `scores` asked for. */
  readonly scores?: Float32Array;
}
