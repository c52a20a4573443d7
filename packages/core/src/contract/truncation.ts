/**
 * Limits on the tokens of a step. They are applied in this order, each to what the one before left
 * (renormalised).
 */
export interface Truncation {
  /** Keep the k most probable tokens. 0: all. */
  readonly topK: number;
  /** Keep the smallest set of most probable tokens with at least this mass, in (0, 1]. 1: all. */
  readonly topP: number;
  /** Keep tokens with at least this share of the largest probability, in [0, 1). 0: all. */
  readonly minP: number;
}
