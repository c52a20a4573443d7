import { LengthSets } from '../sets/length-sets.js';
import { type Formula, never } from './formula.js';

/** Characters of strings that formulas speak of. */
export interface Characters {
  /** The formulas left after a next character, by class; each once. */
  after(formula: Formula): readonly Formula[];
  /** Whether the string may end here. */
  mayEnd(formula: Formula): boolean;
}

/** Formulas of the largest graph, and ways between them. */
const maxNodes = 5_000;
const maxWays = 100_000;

/**
 * All that a formula can become, character by character: what is true of one is found out for all
 * of them at once.
 */
export class StringGraph {
  readonly #index: ReadonlyMap<Formula, number>;
  /** [nodes], characters up to an end; Infinity where none is reached. */
  readonly distances: readonly number[];
  #lengths: LengthSets | undefined;

  private constructor(
    readonly nodes: readonly Formula[],
    readonly ways: readonly (readonly number[])[],
    /** [nodes], whether the string may end there. */
    readonly ends: readonly boolean[],
    /** Whether every character leads on from everywhere. */
    readonly isTotal: boolean,
    index: ReadonlyMap<Formula, number>,
  ) {
    this.#index = index;
    this.distances = distancesOf(ways, ends);
  }

  /** The nodes alone where there are too many of them. */
  static explore(from: Formula, characters: Characters): StringGraph | readonly Formula[] {
    const nodes = [from];
    const index = new Map([[from, 0]]);
    const ways: number[][] = [];
    let count = 0;
    let isTotal = true;
    for (let at = 0; at < nodes.length; at++) {
      const all = characters.after(nodes[at]);
      const next = all.filter((formula) => formula !== never);
      isTotal &&= next.length === all.length;
      count += next.length;
      if (nodes.length > maxNodes || count > maxWays) return nodes;
      ways.push(
        next.map((formula) => {
          const known = index.get(formula) ?? nodes.push(formula) - 1;
          index.set(formula, known);
          return known;
        }),
      );
    }
    const ends = nodes.map((node) => characters.mayEnd(node));
    return new StringGraph(nodes, ways, ends, isTotal, index);
  }

  distance(formula: Formula): number {
    return this.distances[this.#index.get(formula)!];
  }

  /** Whether from a formula on an end is reached by `least` to `most` characters. */
  hasLength(formula: Formula, least: number, most: number): boolean {
    if (least === 0 && most === Number.POSITIVE_INFINITY) return this.distance(formula) < most;
    this.#lengths ??= new LengthSets(this.ways, this.ends);
    return this.#lengths.has(this.#index.get(formula)!, least, most);
  }

  /** Whether from everywhere on an end is reached by `least` characters or more. */
  isEndless(least: number): boolean {
    return this.nodes.every((node) => this.hasLength(node, least, Number.POSITIVE_INFINITY));
  }
}

function distancesOf(ways: readonly (readonly number[])[], ends: readonly boolean[]): number[] {
  const into: number[][] = ways.map(() => []);
  for (const [from, targets] of ways.entries()) for (const to of targets) into[to].push(from);
  const distances: number[] = ends.map((end) => (end ? 0 : Number.POSITIVE_INFINITY));
  const queue = ways.flatMap((_, node) => (ends[node] ? [node] : []));
  for (const node of queue)
    for (const from of into[node])
      if (distances[from] === Number.POSITIVE_INFINITY) {
        distances[from] = distances[node] + 1;
        queue.push(from);
      }
  return distances;
}
