/**
 * Names of the inputs and outputs of a graph with ports. B sequences, S new tokens each, G KV
 * heads, D head dimension, C rows of capacity. All inputs but the KV caches are tiny and on the
 * CPU. /
 */

/** Input, int64 [B, S]. */
export const INPUT_IDS = 'input_ids';
/** Input, int64 [B, S]: the position of each new token, which its rotation follows. */
export const POSITION_IDS = 'position_ids';
/** Input, int32 [layers, B]: rows of the layer after this forward, less 1. */
export const SEQLENS_K = 'seqlens_k';
/**
 * Input, int32 [layers]: rows of the layer after this forward, in the longest sequence of the
 * batch.
 */
export const TOTAL_SEQUENCE_LENGTH = 'total_sequence_length';
/** Input, int64 [1]: how many last rows get logits, 0 to S. */
export const LOGIT_ROWS = 'logit_rows';
/**
 * Input with `gates`, bool [layers]: false skips the layer in this forward. Layer 0 has no gate.
 */
export const LAYER_GATES = 'layer_gates';
/** Input with `gates` or `scales`, float [layers]: factor of the state of a skipped layer. */
export const LAYER_SCALES = 'layer_scales';

/** Output, float [B, logit_rows, vocabulary]. */
export const LOGITS = 'logits';

/** Input [B, G, C, D], of the model's KV element type. */
export function pastKey(layer: number): string {
  return `past_key_values.${layer}.key`;
}
/** Input [B, G, C, D], of the model's KV element type. */
export function pastValue(layer: number): string {
  return `past_key_values.${layer}.value`;
}
/**
 * Output: [B, G, C, D] with an in-place cache. Else [B, G, S, D], the new rows alone; no rows if
 * the layer is skipped.
 */
export function presentKey(layer: number): string {
  return `present.${layer}.key`;
}
/** Output, shaped as `presentKey`. */
export function presentValue(layer: number): string {
  return `present.${layer}.value`;
}
/**
 * Output with `stepwise`: the cache after each new row but the last. It is the same buffer as
 * `presentKey`.
 */
export function presentKeyRow(layer: number, row: number): string {
  return `${presentKey(layer)}/row.${row}`;
}
/** Output with `stepwise`, as `presentKeyRow`. */
export function presentValueRow(layer: number, row: number): string {
  return `${presentValue(layer)}/row.${row}`;
}
