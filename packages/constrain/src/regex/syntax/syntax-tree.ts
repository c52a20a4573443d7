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
  | { readonly type: 'end' }
  /** Reads nothing: whether a match of `part` begins here (`ahead`) or ends here (`behind`). */
  | {
      readonly type: 'look';
      readonly direction: 'ahead' | 'behind';
      readonly isNegative: boolean;
      readonly part: SyntaxTree;
    };

/** Whether some part looks around. */
export function looksAround(tree: SyntaxTree): boolean {
  switch (tree.type) {
    case 'look':
      return true;
    case 'repeat':
      return looksAround(tree.part);
    case 'sequence':
    case 'alternatives':
      return tree.parts.some(looksAround);
    default:
      return false;
  }
}
