/** Input, float [1, W, heads x D]: captured query rows, before rotation. */
export const SCORES_QUERY = 'query';
/**
 * Input, int64 [1, W]: their positions, or with `expected` [1, F]: positions to average over. No
 * effect if the layer does not rotate.
 */
export const SCORES_POSITIONS = 'query_positions';
/**
 * Input [1, G, C, D], KV element type: the layer's key cache. The W query rows are the last of its
 * first T rows.
 */
export const SCORES_KEYS = 'keys';
/** Input, int64 [1]: T. */
export const SCORES_ROWS = 'rows';
/** Input with `weighted`, float [W]. */
export const SCORES_ROW_WEIGHTS = 'row_weights';
/** Output, float [G, T], or [heads, T] with reduceHeads 'none'. */
export const SCORES = 'scores';
