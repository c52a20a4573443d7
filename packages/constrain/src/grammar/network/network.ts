import type { CharSet } from '../../regex/syntax/char-set.js';
import { repetition } from '../../text/repetition.js';
import type { AutomatonState, Expression, Rules } from '../rules/expression.js';
import { type RuleGraph, ruleGraph } from '../rules/rule-graph.js';
import { findFrames } from './frames.js';

/** States of the largest network: bounds memory and the time of a step, whatever the grammar. */
const maxStates = 100_000;
/** Steps of the largest rule that is written out at more than one place. */
const maxWrittenOut = 500;

/**
 * A recursive transition network. State i reads a code point of `sets[set[i]]` and goes on at
 * `next[i]`, or reads nothing: a `fork` goes on at both, a `call` goes on once its frame (a rule)
 * has been read, `end` is the end of a frame.
 */
export interface Network {
  readonly kinds: readonly StateKind[];
  readonly next: readonly number[];
  /**
   * Second way of a `fork`, -1 for none; index into `sets` of a `read`; frame of a `call` and of an
   * `end`.
   */
  readonly operand: readonly number[];
  readonly sets: readonly CharSet[];
  /** [frames], first state of each. The text as a whole is frame 0. */
  readonly entries: readonly number[];
}

export type StateKind = 'read' | 'fork' | 'call' | 'end';

/**
 * @param tooLarge throws the error for a grammar that is too large, its counts multiplied out
 * @param tooLarge.rule index of the rule that was being written out
 */
export function compileNetwork(
  rules: Rules,
  tooLarge: (rule: number, limit: number) => never,
): Network {
  const graph = ruleGraph(rules);
  const compiler = (steps: number) => new Compiler(rules, graph, findFrames(rules, graph, steps));
  // Writing rules out where they are named saves steps later, at the price of states.
  return (
    compiler(maxWrittenOut).compile() ?? compiler(0).compile((rule) => tooLarge(rule, maxStates))!
  );
}

/** The network of rules without cycles as one frame; undefined when it is too large or too deep. */
export function compileFlat(rules: Rules): Network | undefined {
  const graph = ruleGraph(rules);
  const frames = findFrames(rules, graph, Number.POSITIVE_INFINITY);
  if (graph.order.some((rule) => frames.has(rule))) return undefined;
  return new Compiler(rules, graph, frames).compile();
}

class TooLarge {
  constructor(readonly rule: number) {}
}

class Compiler {
  readonly #kinds: StateKind[] = [];
  readonly #next: number[] = [];
  readonly #operand: number[] = [];
  readonly #sets: CharSet[] = [];
  readonly #setIds = new Map<string, number>();
  /** Rule of each frame, and the frame of each rule. */
  readonly #frameRules: number[] = [];
  readonly #frameIds = new Map<number, number>();
  readonly #entries: number[] = [];
  /** The end of the current frame, and the starts of the rules that stand last in it. */
  #end = -1;
  #last = new Map<number, number>();
  #rule = 0;

  constructor(
    readonly rules: Rules,
    readonly graph: RuleGraph,
    readonly called: ReadonlySet<number>,
  ) {}

  /** @param tooLarge absent: undefined is returned instead */
  compile(tooLarge?: (rule: number) => never): Network | undefined {
    try {
      this.#frame(this.rules.start);
      for (let frame = 0; frame < this.#frameRules.length; frame++) this.#compileFrame(frame);
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      return tooLarge?.(error.rule);
    }
    return {
      kinds: this.#kinds,
      next: this.#next,
      operand: this.#operand,
      sets: this.#sets,
      entries: this.#entries,
    };
  }

  /**
   * A rule that is the last thing in a frame goes on at the frame's end as soon as it ends itself:
   * it is entered, not called, so that right recursion is a loop and takes no memory. Not so a rule
   * that also nests, where the two ways would multiply.
   */
  #compileFrame(frame: number): void {
    this.#end = this.#emit('end', -1, frame);
    this.#last = new Map();
    this.#entries[frame] = this.#enterLast(this.#frameRules[frame]);
    // Grows as rules are found.
    for (const [rule, entry] of this.#last) {
      this.#rule = rule;
      this.#next[entry] = this.#part(this.rules.rules[rule].body, this.#end);
    }
  }

  #enterLast(rule: number): number {
    const known = this.#last.get(rule);
    if (known !== undefined) return known;
    const entry = this.#emit('fork', -1, -1);
    this.#last.set(rule, entry);
    return entry;
  }

  /** Emits `expression` so that it goes on at `next`; where it begins. */
  #part(expression: Expression, next: number): number {
    switch (expression.type) {
      case 'set':
        return this.#emit('read', next, this.#setId(expression.set));
      case 'sequence':
        return expression.parts.reduceRight((after, part) => this.#part(part, after), next);
      case 'alternatives':
        return expression.parts
          .map((part) => this.#part(part, next))
          .reduceRight((after, entry) => this.#emit('fork', entry, after));
      case 'repeat':
        return this.#repeat(expression.part, expression.min, expression.max, next);
      case 'automaton':
        return this.#automaton(expression.states, next);
      case 'rule':
        if (next === this.#end && !this.graph.nesting.has(expression.rule))
          return this.#enterLast(expression.rule);
        if (this.called.has(expression.rule))
          return this.#emit('call', next, this.#frame(expression.rule));
        return this.#part(this.rules.rules[expression.rule].body, next);
    }
  }

  #automaton(states: readonly AutomatonState[], next: number): number {
    const entries = states.map(() => this.#emit('fork', -1, -1));
    for (const [index, { accepting, edges }] of states.entries()) {
      const ways = edges.map(([set, to]) => this.#emit('read', entries[to], this.#setId(set)));
      if (accepting) ways.push(next);
      this.#next[entries[index]] =
        ways.length === 0
          ? this.#dead()
          : ways.reduceRight((after, entry) => this.#emit('fork', entry, after));
    }
    return entries[0] ?? this.#dead();
  }

  /** A state that leads nowhere: to itself. */
  #dead(): number {
    const state = this.#emit('fork', -1, -1);
    this.#next[state] = state;
    return state;
  }

  #repeat(part: Expression, min: number, max: number, next: number): number {
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

  #frame(rule: number): number {
    const known = this.#frameIds.get(rule);
    if (known !== undefined) return known;
    const frame = this.#frameRules.push(rule) - 1;
    this.#frameIds.set(rule, frame);
    return frame;
  }

  #emit(kind: StateKind, next: number, operand: number): number {
    if (this.#kinds.length === maxStates) throw new TooLarge(this.#rule);
    this.#kinds.push(kind);
    this.#next.push(next);
    this.#operand.push(operand);
    return this.#kinds.length - 1;
  }

  #setId(set: CharSet): number {
    const key = set.join();
    const known = this.#setIds.get(key);
    if (known !== undefined) return known;
    this.#sets.push(set);
    this.#setIds.set(key, this.#sets.length - 1);
    return this.#sets.length - 1;
  }
}
