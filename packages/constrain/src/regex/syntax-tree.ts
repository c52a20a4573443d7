import type { CharSet } from './char-set.js';

/** A regular expression once its surface syntax is gone. */
export type SyntaxTree =
  /** One code point of the set. */
  | { readonly type: 'set'; readonly set: CharSet }
  | { readonly type: 'sequence'; readonly parts: readonly SyntaxTree[] }
  | { readonly type: 'alternatives'; readonly parts: readonly SyntaxTree[] }
  /** `max` may be Infinity; `position` is where the quantifier stands in the pattern. */
  | {
      readonly type: 'repeat';
      readonly part: SyntaxTree;
      readonly min: number;
      readonly max: number;
      readonly position: number;
    }
  /** `^` */
  | { readonly type: 'start' }
  /** `$` */
  | { readonly type: 'end' };
