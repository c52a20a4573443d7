import { repetition } from '../../text/repetition.js';
import {
  type CharSet,
  has,
  illFormed,
  lastCodePoint,
  rangesOf,
  union,
} from '../syntax/char-set.js';
import type { SyntaxTree } from '../syntax/syntax-tree.js';
import { UnsupportedPatternError } from '../syntax/unsupported-pattern-error.js';

/**
 * Instructions of the largest program: bounds memory and the time of a step, whatever the pattern.
 */
const maxInstructions = 50_000;
/** The character that decoders show for bytes that are not UTF-8. */
const replacement = 0xfffd;

type Kind =
  | 'read'
  | 'fork'
  | 'start'
  | 'end'
  | 'accept'
  | 'ahead'
  | 'notAhead'
  | 'behind'
  | 'notBehind'
  | 'found';

/**
 * Thompson's construction. Instruction i reads a code point of `sets[i]` and goes on at `next[i]`,
 * or reads nothing: a `fork` goes on at both, `start` only before the first character, `end` only
 * where nothing follows, the four that look around where what they look for is there, or is not.
 * `found` ends what is looked for, `accept` the text.
 */
export interface Program {
  readonly entry: number;
  readonly kinds: readonly Kind[];
  /** Index into `sets` of a `read`. */
  readonly set: readonly number[];
  readonly next: readonly number[];
  /**
   * Second way of a `fork`; the first instruction of what is looked for ahead; which of `behinds`
   * is looked for.
   */
  readonly other: readonly number[];
  /** The first instructions of what is looked for behind, what stands inside others before them. */
  readonly behinds: readonly number[];
  /** Whether any instruction looks around. */
  readonly looksAround: boolean;
  /**
   * The distinct sets; that of all code points also has `illFormed`. Where it forbids that
   * something is there, a set with U+FFFD has it as well: bytes that are not UTF-8 are shown so.
   */
  readonly sets: readonly CharSet[];
}

/**
 * @param ending `'accept'`: the text ends with the match; `'found'`: anything may follow
 * @throws UnsupportedPatternError if the pattern, its counts multiplied out, is too large
 */
export function compileProgram(
  tree: SyntaxTree,
  pattern: string,
  ending: 'accept' | 'found' = 'accept',
): Program {
  return new Compiler(pattern).compile(tree, ending);
}

class Compiler {
  readonly #kinds: Kind[] = [];
  readonly #set: number[] = [];
  readonly #next: number[] = [];
  readonly #other: number[] = [];
  readonly #sets: CharSet[] = [];
  readonly #setIds = new Map<string, number>();
  readonly #behinds: number[] = [];
  /** The targets of look-arounds, compiled once: by tree, one if forbidden and one if required. */
  readonly #targets = {
    plain: new Map<SyntaxTree, number>(),
    negated: new Map<SyntaxTree, number>(),
  };
  #isNegated = false;
  #position = 0;

  constructor(readonly pattern: string) {}

  compile(tree: SyntaxTree, ending: 'accept' | 'found'): Program {
    const entry = this.#part(tree, this.#emit(ending, -1));
    return {
      entry,
      kinds: this.#kinds,
      set: this.#set,
      next: this.#next,
      other: this.#other,
      behinds: this.#behinds,
      looksAround: this.#targets.plain.size + this.#targets.negated.size > 0,
      sets: this.#sets,
    };
  }

  /** Emits `tree` so that it goes on at `next`; where it begins. */
  #part(tree: SyntaxTree, next: number): number {
    switch (tree.type) {
      case 'set':
        return this.#emit('read', next, -1, this.#setId(tree.set));
      case 'start':
      case 'end':
        return this.#emit(tree.type, next);
      case 'sequence':
        return tree.parts.reduceRight((after, part) => this.#part(part, after), next);
      case 'alternatives':
        return tree.parts
          .map((part) => this.#part(part, next))
          .reduceRight((after, entry) => this.#emit('fork', entry, after));
      case 'repeat':
        this.#position = tree.position;
        return this.#repeat(tree.part, tree.min, tree.max, next);
      case 'look':
        return this.#look(tree, next);
    }
  }

  #look(tree: Extract<SyntaxTree, { type: 'look' }>, next: number): number {
    const { direction, isNegative, part } = tree;
    const isNegated = this.#isNegated !== isNegative;
    const targets = this.#targets[isNegated ? 'negated' : 'plain'];
    let target = targets.get(tree);
    if (target === undefined) {
      const outside = this.#isNegated;
      this.#isNegated = isNegated;
      target = this.#part(part, this.#emit('found', -1));
      this.#isNegated = outside;
      if (direction === 'behind') target = this.#behinds.push(target) - 1;
      targets.set(tree, target);
    }
    if (direction === 'ahead') return this.#emit(isNegative ? 'notAhead' : 'ahead', next, target);
    return this.#emit(isNegative ? 'notBehind' : 'behind', next, target);
  }

  #repeat(part: SyntaxTree, min: number, max: number, next: number): number {
    return repetition({
      min,
      max,
      next,
      part: (after) => this.#part(part, after),
      fork: (first, second) => this.#emit('fork', first, second),
      redirect: (fork, first) => {
        this.#next[fork] = first;
      },
    });
  }

  #emit(kind: Kind, next: number, other = -1, set = -1): number {
    if (this.#kinds.length === maxInstructions)
      throw new UnsupportedPatternError(
        this.pattern,
        this.#position,
        `the pattern is larger than ${maxInstructions} steps: one a character or class, times the counts around it. Use smaller counts, or * and +`,
      );
    this.#kinds.push(kind);
    this.#next.push(next);
    this.#other.push(other);
    this.#set.push(set);
    return this.#kinds.length - 1;
  }

  #setId(set: CharSet): number {
    const key = `${this.#isNegated}${set.join()}`;
    const known = this.#setIds.get(key);
    if (known !== undefined) return known;
    const isEverything = set[0] === 0 && set[1] === lastCodePoint;
    const takesIllFormed = isEverything || (this.#isNegated && has(set, replacement));
    this.#sets.push(takesIllFormed ? union([set, [illFormed, illFormed]]) : set);
    this.#setIds.set(key, this.#sets.length - 1);
    return this.#sets.length - 1;
  }
}

/** Whether a set has a code point that UTF-8 can spell: surrogates are none. */
export function isReadable(set: CharSet): boolean {
  return rangesOf(set).some(([first, last]) => first < 0xd800 || last > 0xdfff);
}
