import type { Formula } from './formula.js';

export interface Literal {
  /** An atom. */
  readonly formula: Formula;
  readonly positive: boolean;
}

const maxCases = 512;
const anything: readonly Literal[][] = [[]];

/**
 * The ways to satisfy a formula: it is satisfied if all literals of one way are. Parts that would
 * make more than 512 ways are left out. The result is then an over-approximation. The same holds
 * for `one`, whose other branches are only partly negated.
 */
export function conjunctions(formula: Formula): readonly (readonly Literal[])[] {
  formula.ways ??= expand(formula, true);
  return formula.ways;
}

function expand(formula: Formula, positive: boolean): readonly Literal[][] {
  switch (formula.op) {
    case 'always':
      return positive ? anything : [];
    case 'never':
      return positive ? [] : anything;
    case 'atom':
      return [[{ formula, positive }]];
    case 'not':
      return expand(formula.parts[0], !positive);
    case 'and':
      return positive ? all(formula.parts, true) : any(formula.parts, false);
    case 'or':
      return positive ? any(formula.parts, true) : all(formula.parts, false);
    case 'one':
      return positive ? exactlyOne(formula.parts) : anything;
  }
}

function any(parts: readonly Formula[], positive: boolean): readonly Literal[][] {
  const cases: Literal[][] = [];
  for (const part of parts) {
    cases.push(...expand(part, positive));
    if (cases.length > maxCases) return anything;
  }
  return cases;
}

function all(parts: readonly Formula[], positive: boolean): readonly Literal[][] {
  const expanded = parts.map((part) => expand(part, positive));
  const certain = new Map<Formula, Literal>();
  const open = settleAll(expanded, certain);
  if (!open) return [];
  // The most decisive parts come first. Contradictions then keep the number of cases small.
  open.sort((a, b) => a.length - b.length);
  return open.reduce(cross, [[...certain.values()]]);
}

/**
 * Collects the literals of all that can be satisfied in one way only, and leaves out what
 * contradicts them or holds with them anyway.
 * @returns what is left open; undefined if nothing satisfies all
 */
function settleAll(
  expanded: readonly (readonly Literal[][])[],
  certain: Map<Formula, Literal>,
): (readonly Literal[][])[] | undefined {
  const isCertain = ({ formula, positive }: Literal) => certain.get(formula)?.positive === positive;
  const isRefuted = ({ formula, positive }: Literal) =>
    certain.get(formula)?.positive === !positive;
  let open = [...expanded];
  for (let size = -1; size !== certain.size; ) {
    size = certain.size;
    const further: (readonly Literal[][])[] = [];
    for (const ways of open) {
      const possible = ways.filter((literals) => !literals.some(isRefuted));
      if (possible.length === 0) return undefined;
      if (possible.some((literals) => literals.every(isCertain))) continue;
      if (possible.length > 1) further.push(possible.length < ways.length ? possible : ways);
      else for (const literal of possible[0]) certain.set(literal.formula, literal);
    }
    open = further;
  }
  return open;
}

function cross(left: readonly Literal[][], right: readonly Literal[][]): readonly Literal[][] {
  if (right.length === 1 && right[0].length === 0) return left;
  if (left.length * right.length > maxCases) return left;
  const cases: Literal[][] = [];
  for (const a of left)
    for (const b of right) {
      const merged = merge(a, b);
      if (merged) cases.push(merged);
    }
  return cases;
}

/** Undefined: they contradict each other. */
function merge(a: readonly Literal[], b: readonly Literal[]): Literal[] | undefined {
  const merged = [...a];
  for (const literal of b) {
    const same = a.find(({ formula }) => formula === literal.formula);
    if (!same) merged.push(literal);
    else if (same.positive !== literal.positive) return undefined;
  }
  return merged;
}

function exactlyOne(parts: readonly Formula[]): readonly Literal[][] {
  const others = parts.map((part) => (isLiteral(part) ? expand(part, false) : anything));
  const cases: Literal[][] = [];
  for (const [chosen, part] of parts.entries()) {
    const rest = others.filter((_, i) => i !== chosen);
    cases.push(...rest.reduce(cross, expand(part, true)));
    if (cases.length > maxCases) return anything;
  }
  return cases;
}

function isLiteral(formula: Formula): boolean {
  return formula.op === 'atom' || (formula.op === 'not' && formula.parts[0].op === 'atom');
}
