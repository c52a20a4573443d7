import type { CacheView } from '@pliant/core';

/** A cache as a sequence sees it now. */
export interface Seen {
  readonly cache: CacheView;
  /**
   * Only the first rows of every layer, where nothing was dropped; row i has position i. Default
   * all.
   */
  readonly first?: number;
}

/** One view for the life of a sequence, whatever cache is behind it. */
export class SequenceCache implements CacheView {
  constructor(
    private readonly headDim: number,
    private readonly see: () => Seen,
  ) {}

  get layers(): number {
    return this.see().cache.layers;
  }
  get kvHeads(): number {
    return this.see().cache.kvHeads;
  }
  get nextPosition(): number {
    const { cache, first } = this.see();
    return first ?? cache.nextPosition;
  }
  get nextRotaryPosition(): number {
    const { cache, first } = this.see();
    return first ?? cache.nextRotaryPosition;
  }
  get bytes(): number {
    return this.see().cache.bytes;
  }

  rows(layer: number): number {
    const { cache, first } = this.see();
    return first ?? cache.rows(layer);
  }

  positions(layer: number, kvHead: number): Int32Array {
    const { cache, first } = this.see();
    return cache.positions(layer, kvHead).subarray(0, first);
  }

  keys(layer: number): Float32Array {
    return this.#first(this.see().cache.keys(layer));
  }

  values(layer: number): Float32Array {
    return this.#first(this.see().cache.values(layer));
  }

  /** @param states [G, all rows, D] */
  #first(states: Float32Array): Float32Array {
    const { first } = this.see();
    if (first === undefined) return states;
    const size = first * this.headDim;
    const stride = states.length / this.kvHeads;
    const copy = new Float32Array(this.kvHeads * size);
    for (let head = 0; head < this.kvHeads; head++)
      copy.set(states.subarray(head * stride, head * stride + size), head * size);
    return copy;
  }
}
