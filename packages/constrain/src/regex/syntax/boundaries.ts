import type { CharSet } from './char-set.js';
import { lineTerminators } from './class-escape.js';
import type { SyntaxTree } from './syntax-tree.js';

/** `^` with flag `m`. */
export const lineStart: SyntaxTree = {
  type: 'alternatives',
  parts: [{ type: 'start' }, look('behind', lineTerminators, false)],
};

/** `$` with flag `m`. */
export const lineEnd: SyntaxTree = {
  type: 'alternatives',
  parts: [{ type: 'end' }, look('ahead', lineTerminators, false)],
};

/** `\b`: a word character on one side only; `\B`: on both or on none. */
export function wordBoundary(word: CharSet, isNegated: boolean): SyntaxTree {
  const sides = (before: boolean, after: boolean): SyntaxTree => ({
    type: 'sequence',
    parts: [look('behind', word, !before), look('ahead', word, !after)],
  });
  return {
    type: 'alternatives',
    parts: [sides(true, isNegated), sides(false, !isNegated)],
  };
}

function look(direction: 'ahead' | 'behind', set: CharSet, isNegative: boolean): SyntaxTree {
  return { type: 'look', direction, isNegative, part: { type: 'set', set } };
}
