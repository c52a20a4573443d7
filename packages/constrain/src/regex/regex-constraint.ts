import type { Constraint } from '../contract/constraint.js';
import { MaskCache } from '../contract/mask-cache.js';
import { emptyMask } from '../contract/token-mask.js';
import { Automaton } from './automaton/automaton.js';
import { compileProgram } from './automaton/program.js';
import type { RegexState } from './automaton/regex-state.js';
import { Completions } from './completion.js';
import type { SyntaxTree } from './syntax/syntax-tree.js';
import { UnsupportedPatternError } from './syntax/unsupported-pattern-error.js';

/** Bytes of `forced` at once. */
const maxForced = 256;
const trees = new WeakMap<object, SyntaxTree>();

/** The pattern that says which texts a constraint takes, as a whole; undefined if none is known. */
export function treeOf(constraint: object): SyntaxTree | undefined {
  return trees.get(constraint);
}

/** Notes the pattern that says which texts a constraint takes. */
export function noteTree(constraint: object, tree: SyntaxTree): void {
  trees.set(constraint, tree);
}

/**
 * Text that a pattern matches as a whole.
 * @param source in errors
 * @param mayGiveUp whether a text counts as possible where the limits of look-arounds leave it
 * open, instead of an error
 * @throws UnsupportedPatternError if the pattern is too large
 */
export function regexConstraint(
  name: string,
  tree: SyntaxTree,
  source: string,
  mayGiveUp = false,
): Constraint<RegexState> {
  const program = compileProgram(tree, source);
  const fail = (reason: string): never => {
    throw new UnsupportedPatternError(source, 0, reason);
  };
  const automaton = new Automaton(program, fail, mayGiveUp);
  const masks = new MaskCache<RegexState>();
  const completions = new Completions(program, automaton);
  const constraint: Constraint<RegexState> = {
    name,
    start: () => automaton.start,
    advance(state, bytes) {
      let at: RegexState | null = state;
      for (let i = 0; i < bytes.length; i++) {
        at = automaton.step(at, bytes[i]);
        if (at === null) return undefined;
      }
      return at;
    },
    canEnd: (state) => state.accepting,
    mustEnd: (state) => automaton.isLast(state),
    forced(state) {
      const bytes: number[] = [];
      for (let at = state; !at.accepting && bytes.length < maxForced; ) {
        const only = automaton.onlyStep(at);
        if (!only) break;
        bytes.push(only.byte);
        at = only.next;
      }
      return Uint8Array.from(bytes);
    },
    acceptsAll: (state) => automaton.acceptsAll(state),
    completion: (state) => completions.of(state),
    mask: (state, trie) =>
      masks.get(state, trie, () => {
        const mask = emptyMask(trie);
        if (!automaton.isLast(state)) automaton.setTokens(state, trie, mask);
        return mask;
      }),
  };
  noteTree(constraint, tree);
  return constraint;
}
