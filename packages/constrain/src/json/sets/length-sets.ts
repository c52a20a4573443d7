/**
 * Nodes and ways visited for all lengths together. If that does not decide, a length counts as
 * possible.
 */
const maxWork = 30_000_000;

/**
 * From which nodes of a graph an end is reached by exactly n steps, forevery n: these sets of nodes
 * repeat sooner or later, so that any length can be looked up.
 */
export class LengthSets {
  /** [lengths][nodes / 32], bits, as far as they were asked for. */
  readonly #sets: Uint32Array[];
  readonly #byHash = new Map<number, number[]>();
  readonly #workOfLength: number;
  /** The length at which the sets begin to repeat, and the period; undefined until one repeats. */
  #cycle: { readonly from: number; readonly period: number } | undefined;

  constructor(
    readonly ways: readonly (readonly number[])[],
    ends: readonly boolean[],
  ) {
    const first = bitsOf(ways.length, (node) => ends[node]);
    this.#sets = [first];
    this.#byHash.set(hashOf(first), [0]);
    this.#workOfLength = ways.reduce((sum, { length }) => sum + 1 + length, 0);
  }

  /** Whether a node reaches an end by `least` to `most` steps. */
  has(node: number, least: number, most: number): boolean {
    for (let length = least; length <= most; length++) {
      this.#extendTo(length);
      if (this.#cycle) return this.#hasInCycle(node, length, most, this.#cycle);
      if (length >= this.#sets.length || isIn(this.#sets[length], node)) return true;
    }
    return false;
  }

  #hasInCycle(
    node: number,
    least: number,
    most: number,
    { from, period }: { readonly from: number; readonly period: number },
  ): boolean {
    const last = Math.min(most, Math.max(from, least) + period - 1);
    for (let length = least; length <= last; length++) {
      const at = length < from ? length : from + ((length - from) % period);
      if (isIn(this.#sets[at], node)) return true;
    }
    return false;
  }

  #extendTo(length: number): void {
    const { ways } = this;
    while (!this.#cycle && this.#sets.length <= length) {
      if (this.#sets.length * this.#workOfLength > maxWork) return;
      const before = this.#sets[this.#sets.length - 1];
      const next = bitsOf(ways.length, (node) => ways[node].some((to) => isIn(before, to)));
      const alike = this.#byHash.get(hashOf(next)) ?? [];
      const from = alike.find((at) => this.#sets[at].every((bits, i) => bits === next[i]));
      if (from !== undefined) this.#cycle = { from, period: this.#sets.length - from };
      else this.#byHash.set(hashOf(next), [...alike, this.#sets.push(next) - 1]);
    }
  }
}

function bitsOf(nodes: number, has: (node: number) => boolean): Uint32Array {
  const bits = new Uint32Array(Math.ceil(nodes / 32));
  for (let node = 0; node < nodes; node++) if (has(node)) bits[node >>> 5] |= 1 << (node & 31);
  return bits;
}

function isIn(set: Uint32Array, node: number): boolean {
  return ((set[node >>> 5] >>> (node & 31)) & 1) === 1;
}

function hashOf(set: Uint32Array): number {
  let hash = 0;
  for (const bits of set) hash = (Math.imul(hash, 31) + bits) | 0;
  return hash;
}
