import { Automaton } from '../../regex/automaton/automaton.js';
import { compileProgram, type Program } from '../../regex/automaton/program.js';
import type { RegexState } from '../../regex/automaton/regex-state.js';
import { anyText } from '../../regex/syntax/any-text.js';
import { illFormed } from '../../regex/syntax/char-set.js';
import { parsePattern } from '../../regex/syntax/parse-pattern.js';
import { looksAround, type SyntaxTree } from '../../regex/syntax/syntax-tree.js';
import { UnsupportedPatternError } from '../../regex/syntax/unsupported-pattern-error.js';
import { always, type Formula, type Formulas, never } from './formula.js';

/** The pattern of a source, as in `pattern`, or of an expression with its flags. */
export type PatternOf = (pattern: string | RegExp) => StringPattern;

/** A regular expression that strings must contain a match of, or match as a whole. */
export class StringPattern {
  readonly #expression: RegExp;
  readonly #program: Program;
  readonly #atoms = new WeakMap<RegexState, Formula>();
  /** The instruction that reads on once a match is found; -1 if there is none. */
  readonly #rest: number;
  #automaton: Automaton | undefined;

  /** @throws UnsupportedPatternError for what is not regular, or too large */
  constructor(expression: RegExp, match: 'anywhere' | 'whole') {
    const tree = parsePattern(expression);
    this.#expression = expression;
    this.#program =
      match === 'whole'
        ? compileProgram(tree, expression.source)
        : compileAnywhere(tree, expression.source);
    this.#rest = match === 'whole' ? -1 : findRest(this.#program);
  }

  start(formulas: Formulas): Formula {
    return this.#formula(formulas, this.#built().start ?? null);
  }

  step(formulas: Formulas, state: RegexState, byte: number): Formula {
    return this.#formula(formulas, this.#built().step(state, byte));
  }

  /** @param bytes of a string, one a UTF-16 unit */
  matches(bytes: string): boolean {
    let state = this.#built().start ?? null;
    for (let i = 0; i < bytes.length && state !== null; i++) {
      if (this.#isSettled(state)) return true;
      state = this.#built().step(state, bytes.charCodeAt(i));
    }
    return state?.accepting ?? false;
  }

  #formula(formulas: Formulas, state: RegexState | null): Formula {
    if (state === null) return never;
    const known = this.#atoms.get(state);
    if (known) return known;
    const formula = this.#isSettled(state)
      ? always
      : formulas.atom(`p${nextId++}`, () => ({ type: 'pattern', pattern: this, state }));
    this.#atoms.set(state, formula);
    return formula;
  }

  /** Whether every string that begins so has a match. */
  #isSettled(state: RegexState): boolean {
    return (
      state.before === undefined &&
      (state.reads.includes(this.#rest) || this.#built().isSettled(state))
    );
  }

  #built(): Automaton {
    this.#automaton ??= new Automaton(this.#program, (reason) => {
      throw new UnsupportedPatternError(this.#expression.source, 0, reason);
    });
    return this.#automaton;
  }
}

let nextId = 0;

/**
 * The program of texts with a match anywhere. It ends with the match if the pattern looks around;
 * otherwise it reads on.
 */
function compileAnywhere(tree: SyntaxTree, source: string): Program {
  return looksAround(tree)
    ? compileProgram({ type: 'sequence', parts: [anyText, tree] }, source, 'found')
    : compileProgram({ type: 'sequence', parts: [anyText, tree, anyText] }, source);
}

/** The reading step of the last `anyText`: a loop from which the end is reached without reading. */
function findRest({ kinds, set, sets, next, other }: Program): number {
  return kinds.findIndex(
    (kind, at) =>
      kind === 'read' &&
      sets[set[at]][0] === 0 &&
      sets[set[at]][1] === illFormed &&
      kinds[next[at]] === 'fork' &&
      next[next[at]] === at &&
      kinds[other[next[at]]] === 'accept',
  );
}
