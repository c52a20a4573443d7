import type { JsonContainer } from '../text/json-texts.js';

/** Neighbouring tokens of a prompt, `from` inclusive, `to` exclusive. */
export interface TokenRange {
  readonly from: number;
  readonly to: number;
}

/** Tokens that are kept or dropped together. */
export interface Unit extends TokenRange {
  /**
   * Parts kept with the unit, since it is incomplete without them: the head of its table, the
   * brackets around it.
   */
  readonly needs?: readonly TokenRange[];
  /** Set if the unit is a JSON text. Offsets are those of the prompt's text. */
  readonly json?: JsonContainer;
}
