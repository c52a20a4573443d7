import { type CharSet, charSet, complement, union } from './char-set.js';
import type { SyntaxTree } from './syntax-tree.js';

/** The members of a class with flag `v`: characters, and strings of none or several. */
export interface ClassOperand {
  readonly set: CharSet;
  readonly strings: readonly string[];
}

/** A class of characters only. */
export function ofSet(set: CharSet): ClassOperand {
  return { set, strings: [] };
}

/** The strings of `\q{...}`. */
export function ofStrings(strings: readonly string[]): ClassOperand {
  const single = strings.filter((text) => [...text].length === 1);
  const points = single.map((text) => text.codePointAt(0)!);
  return {
    set: charSet(points.map((point) => [point, point])),
    strings: strings.filter((text) => !single.includes(text)),
  };
}

/**
 * `&&` keeps what both hold, `--` what the second does not, and nothing between them joins both.
 */
export function combineOperands(
  first: ClassOperand,
  operator: '&&' | '--' | '',
  second: ClassOperand,
): ClassOperand {
  if (operator === '')
    return {
      set: union([first.set, second.set]),
      strings: [...new Set([...first.strings, ...second.strings])],
    };
  const keeps = operator === '&&';
  return {
    set: intersection(first.set, keeps ? second.set : complement(second.set)),
    strings: first.strings.filter((text) => second.strings.includes(text) === keeps),
  };
}

function intersection(first: CharSet, second: CharSet): CharSet {
  return complement(union([complement(first), complement(second)]));
}

/** Any one of what a class holds. */
export function treeOfClass({ set, strings }: ClassOperand): SyntaxTree {
  if (strings.length === 0) return { type: 'set', set };
  const spelled = strings.map(
    (text): SyntaxTree => ({
      type: 'sequence',
      parts: [...text].map((char) => {
        const point = char.codePointAt(0)!;
        return { type: 'set', set: [point, point] };
      }),
    }),
  );
  return { type: 'alternatives', parts: [{ type: 'set', set }, ...spelled] };
}
