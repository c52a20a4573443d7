import type { Program } from './program.js';
import { anyRest, type Condition, endOnly, nothing, type Rest, unconditional } from './rest.js';
import { Gathering, type Rests } from './rests.js';

/** Instructions under conditions that one step visits. */
const maxVisited = 200_000;

/** What must follow, and what is looked for behind, at one place. */
export interface Place {
  readonly main: Rest;
  readonly behinds: readonly Rest[];
}

/**
 * Steps of an alternating automaton: look-aheads are conditions on the rest of the text, kept
 * beside the instructions that wait for them; matches of look-behinds are followed from every place
 * on, so that what they have found is known, under conditions where they look ahead themselves.
 */
export class LookSteps {
  /** The class read; -1 before the first character. */
  #class = -1;
  /**
   * Whether a step depends on more than what must follow and the class: on what look-behinds have
   * found.
   */
  readonly #forgets: boolean;
  readonly #stepped = new Map<Rest, Rest>();
  readonly #aheads = new Map<number, Rest>();
  /** [look-behinds], what must follow for each to have found its match here. */
  #found: Rest[] = [];
  #visited = 0;

  /** @param isMember [classes][sets] */
  constructor(
    readonly program: Program,
    readonly isMember: readonly Uint8Array[],
    readonly lengths: Float64Array,
    readonly rests: Rests,
    readonly fail: (reason: string) => never,
  ) {
    this.#forgets = program.behinds.length > 0;
  }

  /** Facts are kept with what must follow; this releases the rest. */
  forget(): void {
    this.#stepped.clear();
    this.#aheads.clear();
  }

  start(): Place {
    this.#begin(-1);
    const behinds = this.program.behinds.map((entry) => this.#behind(nothing, entry));
    return { main: this.#from(this.program.entry), behinds };
  }

  /** The place after a class of code points. */
  step({ main, behinds }: Place, id: number): Place {
    this.#begin(id);
    const after = behinds.map((rest, i) => this.#behind(rest, this.program.behinds[i]));
    return { main: this.#step(main), behinds: after };
  }

  #begin(id: number): void {
    if (this.#forgets || this.#class < 0) {
      this.#stepped.clear();
      this.#aheads.clear();
    }
    this.#class = id;
    this.#found = [];
    this.#visited = 0;
  }

  /**
   * One look-behind, after those inside it: what goes on with its matches, beginning here too.
   * Those that end here are noted.
   */
  #behind(before: Rest, entry: number): Rest {
    const reached = new Gathering(this.rests);
    this.#stepGroups(before, reached);
    this.#reach(entry, unconditional, reached);
    const { found, others } = reached.parted();
    this.#found.push(found);
    return others;
  }

  #from(entry: number): Rest {
    const reached = new Gathering(this.rests);
    this.#reach(entry, unconditional, reached);
    return reached.rest();
  }

  #step(rest: Rest): Rest {
    if (rest === anyRest || rest === nothing) return rest;
    const known = this.#forgets ? this.#stepped.get(rest) : rest.after[this.#class];
    if (known) return known;
    const reached = new Gathering(this.rests);
    this.#stepGroups(rest, reached);
    const after = reached.rest();
    if (this.#forgets) this.#stepped.set(rest, after);
    else rest.after[this.#class] = after;
    return after;
  }

  #stepGroups({ groups }: Rest, reached: Gathering): void {
    const { set, next } = this.program;
    const isMember = this.isMember[this.#class];
    for (const { condition, reads, always } of groups) {
      const after = this.#stepCondition(condition);
      if (!after) continue;
      if (always) reached.always(after);
      for (const read of reads)
        if (isMember[set[read]] === 1) this.#reach(next[read], after, reached);
    }
  }

  #stepCondition({ must, mustNot }: Condition): Condition | undefined {
    const after = this.rests.forbid(unconditional, this.#step(mustNot));
    return after && this.rests.require(after, ...must.map((rest) => this.#step(rest)));
  }

  /** All that is reached from an instruction without reading. */
  #reach(from: number, under: Condition, reached: Gathering): void {
    const { kinds, next, other } = this.program;
    const stack: { readonly at: number; readonly condition: Condition }[] = [
      { at: from, condition: under },
    ];
    for (let item = stack.pop(); item; item = stack.pop()) {
      const { at, condition } = item;
      if (!reached.visit(at, condition)) continue;
      if (++this.#visited > maxVisited)
        this.fail(
          `what it looks for around one character has more than ${maxVisited} ways. Use fewer or simpler look-arounds`,
        );
      const go = (on: number, met: Condition | undefined) => {
        if (met) stack.push({ at: on, condition: met });
      };
      switch (kinds[at]) {
        case 'read':
          if (this.lengths[at] < Number.POSITIVE_INFINITY) reached.read(condition, at);
          break;
        case 'accept':
          reached.end(condition);
          break;
        case 'found':
          reached.always(condition);
          break;
        case 'fork':
          go(next[at], condition);
          go(other[at], condition);
          break;
        case 'start':
          if (this.#class < 0) go(next[at], condition);
          break;
        case 'end':
          go(next[at], this.rests.require(condition, endOnly));
          break;
        case 'ahead':
          go(next[at], this.rests.require(condition, this.#ahead(other[at])));
          break;
        case 'notAhead':
          go(next[at], this.rests.forbid(condition, this.#ahead(other[at])));
          break;
        case 'behind':
          go(next[at], this.rests.require(condition, this.#found[other[at]]));
          break;
        case 'notBehind':
          go(next[at], this.rests.forbid(condition, this.#found[other[at]]));
          break;
      }
    }
  }

  /** The rest that must follow here for a look-ahead to match. */
  #ahead(entry: number): Rest {
    let rest = this.#aheads.get(entry);
    if (!rest) {
      rest = this.#from(entry);
      this.#aheads.set(entry, rest);
    }
    return rest;
  }
}
