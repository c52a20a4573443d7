/** Neighbouring tokens of a prompt, `from` inclusive, `to` exclusive. */
export interface TokenRange {
  readonly from: number;
  readonly to: number;
}

/** Tokens that are kept or dropped together. */
export interface Unit extends TokenRange {
  /** Kept with the unit, since it is not whole without them: the head of its table, the brackets around it. */
  readonly needs?: readonly TokenRange[];
}
