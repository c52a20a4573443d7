import { allocateFloats, freeFloats } from '../memory/allocate.js';
import type { Runtime, Tensor } from '../runtime/runtime.js';

/** Sizes of the KV cache: G KV heads of dimension D. */
export interface KvShape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/** Keys and values of one layer for `slots` sequences, [slots, G, capacity, D] each. */
export class KvBlock {
  readonly keys: Float32Array;
  readonly values: Float32Array;
  /** Floats of one slot. */
  readonly slotSize: number;
  /** Sequences in each slot. */
  readonly #sharers: Uint32Array;
  readonly #tensors = new Map<string, readonly [key: Tensor, value: Tensor]>();

  /** @throws OutOfMemoryError */
  constructor(
    private readonly shape: KvShape,
    readonly slots: number,
    readonly capacity: number,
  ) {
    this.#sharers = new Uint32Array(slots);
    this.slotSize = shape.kvHeads * capacity * shape.headDim;
    const what = `A KV cache of ${capacity} rows for ${slots} sequence(s), one layer of ${shape.layers},`;
    this.keys = allocateFloats(slots * this.slotSize, what);
    this.values = allocateFloats(slots * this.slotSize, what);
  }

  get bytes(): number {
    return this.keys.byteLength + this.values.byteLength;
  }

  /** Tensors [count, G, capacity, D] over slots from `slot` on, kept until the block is freed. */
  tensors(runtime: Runtime, slot: number, count: number): readonly [key: Tensor, value: Tensor] {
    const name = `${slot}+${count}`;
    let tensors = this.#tensors.get(name);
    if (!tensors) {
      const { kvHeads, headDim } = this.shape;
      const dims = [count, kvHeads, this.capacity, headDim];
      const over = (memory: Float32Array) =>
        runtime.tensor(memory.subarray(slot * this.slotSize, (slot + count) * this.slotSize), dims);
      tensors = [over(this.keys), over(this.values)];
      this.#tensors.set(name, tensors);
    }
    return tensors;
  }

  /** Sequences that live here. */
  get users(): number {
    return this.#sharers.reduce((sum, count) => sum + count, 0);
  }

  /** Number of sequences in a slot. Above 1 they share its rows, until one of them writes. */
  sharers(slot: number): number {
    return this.#sharers[slot];
  }

  enter(slot: number): void {
    this.#sharers[slot]++;
  }

  /** The memory is freed when the last sequence leaves. */
  leave(slot: number): void {
    this.#sharers[slot]--;
    if (this.users > 0) return;
    for (const pair of this.#tensors.values()) for (const tensor of pair) tensor.release();
    this.#tensors.clear();
    freeFloats([this.keys, this.values]);
  }
}
