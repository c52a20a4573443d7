import type { ModelGraph } from './model-graph.js';

export interface ScoresGraphOptions {
  readonly reduceRows: 'max' | 'mean' | 'sum';
  readonly reduceHeads: 'max' | 'mean' | 'sum' | 'none';
  /** Rows are multiplied by SCORES_ROW_WEIGHTS before the reduction. */
  readonly weighted: boolean;
}

/** Input, float [1, W, heads x D]: captured query rows, before rotation. */
export const SCORES_QUERY = 'query';
/** Input, int64 [1, W]: their positions. Present only where the layer rotates (`scoresGraphInputs`). */
export const SCORES_POSITIONS = 'query_positions';
/** Input [1, G, C, D], KV element type: the layer's key cache; the W query rows are the last of its first T rows. */
export const SCORES_KEYS = 'keys';
/** Input, int64 [1]: T. */
export const SCORES_ROWS = 'rows';
/** Input with `weighted`, float [W]. */
export const SCORES_ROW_WEIGHTS = 'row_weights';
/** Output, float [G, T], or [heads, T] with reduceHeads 'none'. */
export const SCORES = 'scores';

/** Layers with equal keys share one graph (and so one session). */
export declare function scoresGraphKey(
  model: ModelGraph,
  layer: number,
  options: ScoresGraphOptions,
): string;
/** Names of the inputs that the graph of this layer takes. */
export declare function scoresGraphInputs(
  model: ModelGraph,
  layer: number,
  options: ScoresGraphOptions,
): readonly string[];
/**
 * The graph of one layer's attention scores, serialised. Its cos and sin tables are the model's own initializers: where those are
 * in external files, the session needs the model's folder as for the model itself.
 */
export declare function buildScoresGraph(
  model: ModelGraph,
  layer: number,
  options: ScoresGraphOptions,
): Uint8Array;
