import { NameSets } from '../sets/name-set.js';
import type { Atom } from './atoms.js';
import type { Literal } from './conjunctions.js';
import type { StringGraph } from './string-graph.js';

/**
 * A formula over atoms: the part of a schema that is left to be satisfied. Equal formulas of one
 * `Formulas` are one object, so that what is found out about a formula is found out once and kept
 * on it.
 */
export class Formula {
  /**
   * The formula left after one more byte of a string: for the byte asked for last, and by byte once
   * there are several.
   */
  lastByte = -1;
  lastStep: Formula | undefined;
  steps: (Formula | undefined)[] | undefined;
  /** By kind of value. Only for formulas about values that have not begun. */
  byKind: (Formula | undefined)[] | undefined;
  canBegin: (boolean | undefined)[] | undefined;
  /** The ways to satisfy it, once asked for. */
  ways: readonly (readonly Literal[])[] | undefined;
  /** Whether some continuation satisfies it, where only the formula decides that. */
  viable: boolean | undefined;
  /** The graph that a formula about strings is in; null if that is too large. */
  graph: StringGraph | null | undefined;

  constructor(
    readonly id: number,
    readonly op: 'always' | 'never' | 'atom' | 'and' | 'or' | 'not' | 'one',
    readonly parts: readonly Formula[],
    readonly atom: Atom | undefined,
  ) {}
}

export const always = new Formula(0, 'always', [], undefined);
export const never = new Formula(1, 'never', [], undefined);
always.viable = true;
never.viable = false;

/** Size limit of the intern table. Clearing the table is safe: only sharing is lost. */
const maxKnown = 200_000;

/** Makes formulas, simplified. */
export class Formulas {
  readonly names = new NameSets();
  readonly #known = new Map<string, Formula>();
  #count = 2;

  /** @param key tells atoms apart */
  atom(key: string, create: () => Atom): Formula {
    return this.#intern(key, 'atom', [], create);
  }

  /** An atom that comes up only here. */
  fresh(atom: Atom): Formula {
    return new Formula(this.#count++, 'atom', [], atom);
  }

  and(parts: readonly Formula[]): Formula {
    return this.#join('and', parts, always, never);
  }

  or(parts: readonly Formula[]): Formula {
    return this.#join('or', parts, never, always);
  }

  not(part: Formula): Formula {
    if (part === always) return never;
    if (part === never) return always;
    if (part.op === 'not') return part.parts[0];
    return this.#intern(`!${part.id}`, 'not', [part]);
  }

  /** Exactly one of `parts` is satisfied. */
  one(parts: readonly Formula[]): Formula {
    const open = parts.filter((part) => part !== never && part !== always);
    const satisfied = parts.filter((part) => part === always).length;
    if (satisfied > 1) return never;
    if (satisfied === 1) return this.and(open.map((part) => this.not(part)));
    if (open.length === 0) return never;
    if (open.length === 1) return open[0];
    const sorted = open.toSorted((a, b) => a.id - b.id);
    return this.#intern(`=${sorted.map(({ id }) => id).join()}`, 'one', sorted);
  }

  /** The formula with each atom replaced. */
  map(formula: Formula, replace: (atom: Atom, formula: Formula) => Formula): Formula {
    switch (formula.op) {
      case 'always':
      case 'never':
        return formula;
      case 'atom':
        return replace(formula.atom!, formula);
      case 'not':
        return this.not(this.map(formula.parts[0], replace));
      case 'one':
        return this.one(formula.parts.map((part) => this.map(part, replace)));
      default:
        return this.#mapJoin(formula, replace);
    }
  }

  #mapJoin(formula: Formula, replace: (atom: Atom, formula: Formula) => Formula): Formula {
    const isAnd = formula.op === 'and';
    const decisive = isAnd ? never : always;
    let changed = false;
    const parts: Formula[] = [];
    for (const part of formula.parts) {
      const mapped = this.map(part, replace);
      if (mapped === decisive) return decisive;
      if (mapped !== part) changed = true;
      parts.push(mapped);
    }
    if (!changed) return formula;
    return isAnd ? this.and(parts) : this.or(parts);
  }

  #join(op: 'and' | 'or', parts: readonly Formula[], neutral: Formula, decisive: Formula): Formula {
    const joined: Formula[] = [];
    for (const part of parts) {
      if (part === decisive) return decisive;
      if (part === neutral) continue;
      if (part.op === op) joined.push(...part.parts);
      else joined.push(part);
    }
    if (joined.length === 0) return neutral;
    if (joined.length === 1) return joined[0];
    joined.sort((a, b) => a.id - b.id);
    const sorted = joined.filter((part, i) => i === 0 || part !== joined[i - 1]);
    if (sorted.length === 1) return sorted[0];
    if (contradicts(sorted)) return decisive;
    const key = (op === 'and' ? '&' : '|') + sorted.map(({ id }) => id).join();
    return this.#intern(key, op, sorted);
  }

  #intern(key: string, op: Formula['op'], parts: readonly Formula[], create?: () => Atom): Formula {
    const known = this.#known.get(key);
    if (known) return known;
    if (this.#known.size > maxKnown) this.#known.clear();
    const formula = new Formula(this.#count++, op, parts, create?.());
    this.#known.set(key, formula);
    return formula;
  }
}

/** Parts of which a few are looked for one by one. */
const fewParts = 16;

/** Whether a formula is among the parts as well as its opposite. */
function contradicts(parts: readonly Formula[]): boolean {
  const known = parts.length > fewParts ? new Set(parts) : undefined;
  return parts.some(({ op, parts: [inner] }) => {
    if (op !== 'not') return false;
    return known ? known.has(inner) : parts.includes(inner);
  });
}
