import { everything } from './char-set.js';
import type { SyntaxTree } from './syntax-tree.js';

/** `[\s\S]*`: what a search has around a match. */
export const anyText: SyntaxTree = {
  type: 'repeat',
  part: { type: 'set', set: everything },
  min: 0,
  max: Number.POSITIVE_INFINITY,
  position: 0,
};
