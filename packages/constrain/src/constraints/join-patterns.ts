import { regexConstraint, treeOf } from '../regex/regex-constraint.js';
import { anyText } from '../regex/syntax/any-text.js';
import type { SyntaxTree } from '../regex/syntax/syntax-tree.js';
import { UnsupportedPatternError } from '../regex/syntax/unsupported-pattern-error.js';
import type { ConstraintList } from './constraint-list.js';

/**
 * The parts, with those that are regular expressions as one in place of the first: it knows where
 * they cannot meet. As they are where that would be too large.
 */
export function joinPatterns(parts: ConstraintList): ConstraintList {
  const trees = parts.map((part) => treeOf(part));
  const known = trees.filter((tree) => tree !== undefined);
  if (known.length < 2) return parts;
  const first = trees.findIndex((tree) => tree !== undefined);
  const names = parts.filter((_, i) => trees[i]).map(({ name }) => name);
  const name = names.join(', ');
  try {
    const joined: ConstraintList[number] = regexConstraint(name, both(known), name, true);
    return parts.flatMap((part, i) => (i === first ? [joined] : trees[i] ? [] : [part]));
  } catch (error) {
    if (error instanceof UnsupportedPatternError) return parts;
    throw error;
  }
}

/**
 * The pattern of texts that satisfy all parts; undefined if some part is not a regular expression.
 */
export function jointTree(parts: ConstraintList): SyntaxTree | undefined {
  const trees = parts.flatMap((part) => treeOf(part) ?? []);
  return trees.length === parts.length ? both(trees) : undefined;
}

function both(trees: readonly SyntaxTree[]): SyntaxTree {
  const others = trees.slice(0, -1).map((tree) => lookFor(tree, false));
  return { type: 'sequence', parts: [...others, trees[trees.length - 1]] };
}

/** The pattern of texts that do not match one. */
export function negated(tree: SyntaxTree): SyntaxTree {
  return { type: 'sequence', parts: [lookFor(tree, true), anyText] };
}

function lookFor(tree: SyntaxTree, isNegative: boolean): SyntaxTree {
  const part: SyntaxTree = { type: 'sequence', parts: [tree, { type: 'end' }] };
  return { type: 'look', direction: 'ahead', isNegative, part };
}
