import type { Formula, Formulas } from '../formula/formula.js';
import type { StringRules } from '../strings/string-rules.js';

/** Dependencies of the rules for objects. */
export interface ObjectJudge {
  readonly formulas: Formulas;
  readonly strings: StringRules;
  /**
   * Whether names come in the order of the schema: as `properties` has them, then others that are
   * required, then all others.
   */
  readonly isOrdered: boolean;
  readonly isSatisfiable: (value: Formula) => boolean;
  /** Whether a question about a value is open, so that a no may turn out wrong later. */
  readonly isAsking: () => boolean;
}
