import type { LookNode } from './regex-state.js';

/** Places that a search looks at. */
const maxSearched = 10_000;
/** Longer guesses are as good as this one. */
const maxEstimate = 100_000;

interface Step {
  readonly node: LookNode;
  readonly id: number;
}

/**
 * Looks for a text that leads from a place to acceptance, the most promising places first (A*, with
 * a guess of the length that is left).
 */
export class LookSearch {
  #hasGivenUp = false;

  /**
   * @param classes of code points that a text can have
   * @param next the place after a class; null: hopeless
   * @param fail throws where the search is too long; undefined: then, and from then on, there is a
   * way as far as is known
   */
  constructor(
    readonly classes: readonly number[],
    readonly next: (node: LookNode, id: number) => LookNode | null,
    readonly fail: ((reason: string) => never) | undefined,
  ) {}

  /**
   * Whether there is a way; then each place on it knows its next class. Where there is none, no
   * place that was seen has one.
   */
  findWay(from: LookNode): boolean {
    if (from.way !== undefined) return true;
    if (from.viable === false) return false;
    if (this.#hasGivenUp) return true;
    const before = new Map<LookNode, Step | undefined>([[from, undefined]]);
    const queue = new Queue();
    queue.put(from, 0);
    for (let item = queue.take(); item; item = queue.take()) {
      const { node, length } = item;
      for (const id of this.classes) {
        const next = this.next(node, id);
        if (!next || next.viable === false || before.has(next)) continue;
        before.set(next, { node, id });
        if (next.way !== undefined) {
          mark(next, before);
          return true;
        }
        if (before.size > maxSearched) {
          this.fail?.(
            `whether a text can still match was not found out within ${maxSearched} states. Use fewer or simpler look-arounds`,
          );
          this.#hasGivenUp = true;
          return true;
        }
        queue.put(next, length + 1);
      }
    }
    for (const node of before.keys()) node.viable = false;
    return false;
  }
}

/** Marks the places on the way that was found. */
function mark(to: LookNode, before: ReadonlyMap<LookNode, Step | undefined>): void {
  to.viable = true;
  for (let step = before.get(to); step; step = before.get(step.node)) {
    step.node.viable = true;
    step.node.way = step.id;
  }
}

interface Place {
  readonly node: LookNode;
  /** Characters on the way to it. */
  readonly length: number;
}

/** Places by their length and the guess of what is left. */
class Queue {
  readonly #buckets: Place[][] = [];
  #lowest = 0;

  put(node: LookNode, length: number): void {
    const bucket = length + Math.min(node.main.estimate, maxEstimate);
    this.#buckets[bucket] ??= [];
    this.#buckets[bucket].push({ node, length });
    this.#lowest = Math.min(this.#lowest, bucket);
  }

  take(): Place | undefined {
    for (; this.#lowest < this.#buckets.length; this.#lowest++) {
      const place = this.#buckets[this.#lowest]?.pop();
      if (place) return place;
    }
    return undefined;
  }
}
