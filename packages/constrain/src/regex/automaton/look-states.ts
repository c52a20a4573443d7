import type { CharSet } from '../syntax/char-set.js';
import type { Alphabet } from './alphabet.js';
import { LookSearch } from './look-search.js';
import { LookSteps, type Place } from './look-steps.js';
import { isReadable, type Program } from './program.js';
import { shortestLengths } from './reach.js';
import type { LookNode } from './regex-state.js';
import { type ClassSteps, newState, type RegexState, stateCost } from './regex-state.js';
import { anyRest, nothing, unconditional } from './rest.js';
import { Rests } from './rests.js';

/** Instructions held by all known states together before they are forgotten: about 64 MB. */
const maxHeld = 4_000_000;

/** States of a program that looks around, each from which some text leads to acceptance. */
export class LookStates implements ClassSteps {
  readonly start: RegexState | undefined;
  readonly #rests: Rests;
  readonly #steps: LookSteps;
  readonly #search: LookSearch;
  readonly #nodes = new Map<string, LookNode>();
  readonly #first: LookNode;
  /** [instructions], characters to the end of the match where nothing is looked for on the way. */
  readonly #freely: Float64Array;
  #held = 0;

  /** @param isMember [classes][sets] */
  constructor(
    program: Program,
    isMember: readonly Uint8Array[],
    readonly alphabet: Alphabet,
    readonly fail: (reason: string) => never,
    mayGiveUp: boolean,
  ) {
    const lengths = shortestLengths(program, false);
    this.#freely = shortestLengths(program, true);
    this.#rests = new Rests(lengths);
    this.#steps = new LookSteps(program, isMember, lengths, this.#rests, fail);
    this.#search = new LookSearch(
      [...alphabet.codePoints.keys()].filter((id) => isReadable(alphabet.codePoints[id])),
      (node, id) => this.#next(node, id),
      mayGiveUp ? undefined : fail,
    );
    this.#first = this.#node(this.#steps.start());
    this.start = this.#isViable(this.#first) ? this.#stateOf(this.#first) : undefined;
  }

  step(state: RegexState, id: number): RegexState | null {
    const known = state.byClass[id];
    if (known !== undefined) return known;
    if (this.#held + this.#rests.held > maxHeld) this.#forget();
    const node = this.#next(state.look!, id);
    const reached = node && this.#isViable(node) ? this.#stateOf(node) : null;
    state.byClass[id] = reached;
    return reached;
  }

  isLast(state: RegexState): boolean {
    return (
      !this.isSettled(state) &&
      this.alphabet.members.every((_, id) => this.step(state, id) === null)
    );
  }

  isSettled({ look }: RegexState): boolean {
    return look!.main === anyRest;
  }

  hold(cost: number): void {
    this.#held += cost;
  }

  wayFrom({ look }: RegexState): CharSet | undefined {
    this.#search.findWay(look!);
    return look!.way === undefined ? undefined : this.alphabet.codePoints[look!.way];
  }

  #next(node: LookNode, id: number): LookNode | null {
    const known = node.next[id];
    if (known !== undefined) return known;
    // Within one search nothing can be let go.
    if (this.#held + this.#rests.held > 2 * maxHeld)
      this.fail('its look-arounds take too much memory. Use fewer or simpler ones');
    const place = this.#steps.step(node, id);
    const next = place.main === nothing ? null : this.#node(place);
    node.next[id] = next;
    return next;
  }

  #node(place: Place): LookNode {
    const key = `${place.main.id}/${place.behinds.map(({ id }) => id).join()}`;
    let node = this.#nodes.get(key);
    if (!node) {
      const way = place.main.atEnd ? -1 : undefined;
      node = { ...place, next: [], viable: undefined, way, state: undefined };
      this.#nodes.set(key, node);
      this.#held += stateCost + 2 * place.behinds.length;
    }
    return node;
  }

  #isViable(node: LookNode): boolean {
    node.viable ??= this.#obviously(node) || this.#search.findWay(node);
    return node.viable;
  }

  #obviously({ main }: LookNode): boolean {
    return (
      main.atEnd ||
      main.groups.some(
        ({ condition, reads }) =>
          condition === unconditional &&
          reads.some((read) => this.#freely[read] < Number.POSITIVE_INFINITY),
      )
    );
  }

  #stateOf(node: LookNode): RegexState {
    if (!node.state) {
      const reads = new Set(node.main.groups.flatMap(({ reads }) => reads));
      const { root } = this.alphabet;
      node.state = newState(Int32Array.from(reads).sort(), root, node.main.atEnd, undefined, node);
    }
    return node.state;
  }

  #forget(): void {
    for (const node of this.#nodes.values()) {
      node.next.length = 0;
      if (!node.state) continue;
      node.state.byByte.length = 0;
      node.state.byClass.length = 0;
      node.state.inside.clear();
    }
    this.#nodes.clear();
    this.#rests.forget();
    this.#steps.forget();
    this.#held = 0;
    // The start is never let go: back in the table, so that the next clearing reaches what it led
    // to.
    this.#nodes.set('', this.#first);
  }
}
