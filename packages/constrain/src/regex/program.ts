import { repetition } from '../repetition.js';
import { type CharSet, illFormed, lastCodePoint, rangesOf } from './char-set.js';
import type { SyntaxTree } from './syntax-tree.js';
import { UnsupportedPatternError } from './unsupported-pattern-error.js';

/** Instructions of the largest program: bounds memory and the time of a step, whatever the pattern. */
const maxInstructions = 50_000;

/**
 * Thompson's construction. Instruction i reads a code point of `sets[i]` and goes on at `next[i]`, or reads nothing:
 * a `fork` goes on at both, `start` only before the first character, `end` only where nothing follows.
 */
export interface Program {
  readonly entry: number;
  readonly kinds: readonly ('read' | 'fork' | 'start' | 'end' | 'accept')[];
  /** Index into `sets` of a `read`. */
  readonly set: readonly number[];
  readonly next: readonly number[];
  /** Second way of a `fork`. */
  readonly other: readonly number[];
  /** The distinct sets; that of all code points also has `illFormed`. */
  readonly sets: readonly CharSet[];
}

/** @throws UnsupportedPatternError when the pattern, its counts multiplied out, is too large */
export function compileProgram(tree: SyntaxTree, pattern: string): Program {
  return new Compiler(pattern).compile(tree);
}

class Compiler {
  readonly #kinds: Program['kinds'][number][] = [];
  readonly #set: number[] = [];
  readonly #next: number[] = [];
  readonly #other: number[] = [];
  readonly #sets: CharSet[] = [];
  readonly #setIds = new Map<string, number>();
  #position = 0;

  constructor(readonly pattern: string) {}

  compile(tree: SyntaxTree): Program {
    const entry = this.#part(tree, this.#emit('accept', -1));
    return {
      entry,
      kinds: this.#kinds,
      set: this.#set,
      next: this.#next,
      other: this.#other,
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
    }
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

  #emit(kind: Program['kinds'][number], next: number, other = -1, set = -1): number {
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
    const key = set.join();
    const known = this.#setIds.get(key);
    if (known !== undefined) return known;
    const isEverything = set[0] === 0 && set[1] === lastCodePoint;
    this.#sets.push(isEverything ? [0, illFormed] : set);
    this.#setIds.set(key, this.#sets.length - 1);
    return this.#sets.length - 1;
  }
}

/** Whether a set has a code point that UTF-8 can spell: surrogates are none. */
export function isReadable(set: CharSet): boolean {
  return rangesOf(set).some(([first, last]) => first < 0xd800 || last > 0xdfff);
}
